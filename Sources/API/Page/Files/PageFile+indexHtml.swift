// Made by scripts/embed-page of Sources/API/Page/Web/index.html: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let indexHtml = PageFile(
        path: "/",
        type: "text/html; charset=utf-8",
        text: #"""
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Hone</title>
<link rel="icon" type="image/svg+xml" href="/page/icon.svg">
<link rel="stylesheet" href="/page/style.css">
<script type="module" src="/page/main.js"></script>
</head>
<body>
<header>
<a class="brand" href="#/">Hone</a>
<nav aria-label="Views">
<a href="#/" data-view="runs">Runs</a>
<a href="#/label" data-view="label">Label</a>
</nav>
<form id="token-form" autocomplete="off">
<label for="token">Token</label>
<input id="token" type="password" placeholder="none" autocomplete="off" spellcheck="false">
</form>
</header>
<p id="notice" role="status" aria-live="polite" hidden></p>
<main id="view" tabindex="-1"></main>
<noscript><p class="empty">This page needs JavaScript; everything it shows is at /v1 too.</p></noscript>
</body>
</html>

"""#
    )
}
