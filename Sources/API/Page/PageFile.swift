import HTTP

/// One file of the page that `GET /` serves, a part of the binary.
///
/// To change one: its file in `Web`, then `scripts/embed-page`.
struct PageFile: Sendable {
    /// Where it is served.
    let path: String
    /// Its media type.
    let type: String
    /// All of it.
    let text: String

    /// Every file; the page itself first.
    static let all: [PageFile] = [
        indexHtml, styleCss, iconSvg, mainJs, apiJs, domJs, chartJs, runsJs, runJs, samplesJs,
        labelJs,
    ]

    /// Own scripts, styles, pictures and requests only; no frames around it, no forms to elsewhere.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ]
    .joined(separator: "; ")

    /// The file as a reply, with what keeps foreign code away from it.
    var response: HTTPResponse {
        HTTPResponse(
            headers: [
                "content-type": type, "content-security-policy": Self.policy,
                "x-content-type-options": "nosniff", "x-frame-options": "DENY",
                "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin",
                // Another version of the server has another page.
                "cache-control": "no-cache",
            ],
            body: .bytes(Array(text.utf8))
        )
    }
}
