# Reward against KL: a colour a method, a line a setting, a ring at each line's end.
# Input: lines "method setting iteration kl reward"; `ylabel` names the reward.
{
    if (!($1 in place)) { place[$1] = ++methods; name[methods] = $1 }
    key = $1 " " $2
    if (!(key in lines)) { lines[key] = ++count; method[count] = $1; setting[count] = $2 }
    line = lines[key]; points[line]++
    kl[line, points[line]] = $4 > 0 ? $4 : 0; reward[line, points[line]] = $5
    if ($4 > right) right = $4
    if (low == "" || $5 < low) low = $5
    if (high == "" || $5 > high) high = $5
}

function x(value) { return 60 + value / right * 520 }
function y(value) { return 360 - (value - low) / (high - low) * 330 }
function step(span,   s) { s = 10 ^ int(log(span) / log(10)); while (span / s < 4) s /= 2; return s }

END {
    split("#1f6f8b #d1603d #6a8d3f #8a5a9e #c9a227 #555555 #b03060", colour, " ")
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"410\" font-family=\"sans-serif\" font-size=\"12\">"
    print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    low = int(low) - (low < 0); high = int(high) + 1
    s = step(right)
    for (v = 0; v <= right; v += s) {
        printf "<line x1=\"%.1f\" y1=\"30\" x2=\"%.1f\" y2=\"360\" stroke=\"#eee\"/>\n", x(v), x(v)
        printf "<text x=\"%.1f\" y=\"377\" text-anchor=\"middle\" fill=\"#555\">%g</text>\n", x(v), v
    }
    s = step(high - low)
    for (v = low; v <= high + 1e-9; v += s) {
        printf "<line x1=\"60\" y1=\"%.1f\" x2=\"580\" y2=\"%.1f\" stroke=\"#eee\"/>\n", y(v), y(v)
        printf "<text x=\"54\" y=\"%.1f\" text-anchor=\"end\" fill=\"#555\">%g</text>\n", y(v) + 4, v
    }
    print "<text x=\"320\" y=\"400\" text-anchor=\"middle\">KL to the start on held-out prompts, nat a completion</text>"
    printf "<text x=\"16\" y=\"195\" text-anchor=\"middle\" transform=\"rotate(-90 16 195)\">%s</text>\n", ylabel
    for (l = 1; l <= count; l++) {
        c = colour[place[method[l]]]; path = ""
        for (p = 1; p <= points[l]; p++) path = path sprintf("%.1f,%.1f ", x(kl[l, p]), y(reward[l, p]))
        printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.2\" stroke-opacity=\"0.5\"/>\n", path, c
        for (p = 1; p <= points[l]; p++)
            printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"%s\"/>\n", x(kl[l, p]), y(reward[l, p]), c
        p = points[l]
        printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"none\" stroke=\"%s\"><title>%s %s</title></circle>\n", x(kl[l, p]), y(reward[l, p]), c, method[l], setting[l]
    }
    for (m = 1; m <= methods; m++) {
        printf "<circle cx=\"600\" cy=\"%d\" r=\"4\" fill=\"%s\"/>\n", 36 + 18 * m, colour[m]
        printf "<text x=\"610\" y=\"%d\">%s</text>\n", 40 + 18 * m, name[m]
    }
    print "</svg>"
}
