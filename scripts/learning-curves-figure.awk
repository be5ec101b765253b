# The figure of scripts/learning-curves: one small panel a method, a line a seed.
# Input: lines "method seed iteration reward"; `methods` is their order.
{ reward[$1, $2, $3] = $4; if ($3 > last) last = $3 }

function x(i) { return left + 36 + (i - 1) / (last - 1) * 150 }
function y(r) { return top + 126 - r / 8 * 100 }

END {
    count = split(methods, name, " ")
    split("#1f6f8b #d1603d #6a8d3f", colour, " ")
    columns = 4
    rows = int((count + columns - 1) / columns)
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n", columns * 200, rows * 160
    print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    for (m = 1; m <= count; m++) {
        left = (m - 1) % columns * 200
        top = int((m - 1) / columns) * 160
        printf "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>\n", left + 36, top + 18, name[m]
        for (r = 0; r <= 8; r += 4) {
            printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", x(1), y(r), x(last), y(r)
            printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" fill=\"#555\">%d</text>\n", x(1) - 6, y(r) + 4, r
        }
        printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#999\" stroke-dasharray=\"3 3\"/>\n", x(1), y(7.2), x(last), y(7.2)
        for (i = 1; i <= last; i += 5)
            printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#555\">%d</text>\n", x(i), y(0) + 15, i
        for (seed = 1; seed <= 3; seed++) {
            points = ""
            for (i = 1; i <= last; i++) points = points sprintf("%.1f,%.1f ", x(i), y(reward[name[m], seed, i]))
            printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n", points, colour[seed]
        }
    }
    left = count % columns * 200
    top = (rows - 1) * 160
    for (seed = 1; seed <= 3 && count % columns; seed++)
        printf "<text x=\"%d\" y=\"%d\" fill=\"%s\">seed %d</text>\n", left + 40, top + 30 + 16 * seed, colour[seed], seed
    if (count % columns)
        printf "<text x=\"%d\" y=\"%d\" fill=\"#555\">dashed: 90 %% of the best</text>\n", left + 40, top + 98
    print "</svg>"
}
