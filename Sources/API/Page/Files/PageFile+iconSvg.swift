// Made by scripts/embed-page of Sources/API/Page/Web/icon.svg: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let iconSvg = PageFile(
        path: "/page/icon.svg",
        type: "image/svg+xml",
        text: #"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3" fill="#2563c9"/>
<path d="M2.5 12 6 8l3 2 4.5-6" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>
</svg>

"""#
    )
}
