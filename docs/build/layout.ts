import { posix } from 'node:path'
import { escapeHtml } from './highlight.ts'
import { relativeLink } from './links.ts'
import type { Page } from './markdown.ts'

/** A part of the navigation, with titles. */
export interface NavPart {
  readonly title: string
  readonly pages: readonly { readonly path: string; readonly title: string }[]
}

const SEARCH_ICON =
  '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><circle cx="7" cy="7" r="4.5" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="m10.5 10.5 4 4" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg>'

/** A whole page of HTML: head, navigation, the page itself, what comes before and after it. */
export function layOut(page: Page, nav: readonly NavPart[]): string {
  const link = (to: string): string => relativeLink(page.path, to)
  const asset = (name: string): string => posix.relative(posix.dirname(page.path), `assets/${name}`)
  const isHome = page.path === 'index'
  const order = nav.flatMap(({ pages }) => pages)
  const at = order.findIndex(({ path }) => path === page.path)
  const part = nav.find(({ pages }) => pages.some(({ path }) => path === page.path))
  const title = isHome ? page.title : `${page.title} · Reliable Channels`
  const outline = page.headings.filter(({ level }) => level === 2 || (level === 3 && !isHome))

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(page.lead)}">
<link rel="icon" href="${asset('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${asset('site.css')}">
<script>try{document.documentElement.dataset.theme=localStorage.getItem('theme')??''}catch{}</script>
</head>
<body data-root="${posix.relative(posix.dirname(page.path), '.') || '.'}"${isHome ? ' class="home"' : ''}>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
<button class="menu" type="button" aria-expanded="false" aria-controls="nav">Menu</button>
<a class="brand" href="${link('index')}">Reliable Channels</a>
<button class="find" type="button" aria-label="Search" aria-keyshortcuts="/">${SEARCH_ICON}<span>Search</span><kbd>/</kbd></button>
<button class="theme" type="button" aria-label="Switch between light and dark">◐</button>
</header>
<div class="columns">
<nav class="nav" id="nav" aria-label="Pages">
${nav.map((each) => navPart(each, page.path, link)).join('\n')}
</nav>
<main id="content">
${isHome || part === undefined ? '' : `<p class="crumb">${part.title}</p>`}
${page.html}
${neighbours(order[at - 1], order[at + 1], link)}
</main>
${outline.length < 2 ? '<div class="outline"></div>' : outlineOf(outline)}
</div>
<script src="${asset('site.js')}" defer></script>
</body>
</html>
`
}

function navPart({ title, pages }: NavPart, current: string, link: (to: string) => string): string {
  const items = pages.map(({ path, title: text }) => {
    const mark = path === current ? ' aria-current="page"' : ''
    return `<li><a href="${link(path)}"${mark}>${escapeHtml(path === 'index' ? 'What it is for' : text)}</a></li>`
  })
  return `<h2>${title}</h2>\n<ul>\n${items.join('\n')}\n</ul>`
}

function outlineOf(headings: Page['headings']): string {
  const items = headings.map(
    ({ level, id, text }) =>
      `<li class="level-${level}"><a href="#${id}">${escapeHtml(text).replaceAll(/[:/_]|(?<=[a-z])(?=[A-Z])/g, '$&<wbr>')}</a></li>`,
  )
  return `<aside class="outline" aria-label="On this page">\n<h2>On this page</h2>\n<ul>\n${items.join('\n')}\n</ul>\n</aside>`
}

function neighbours(
  before: { path: string; title: string } | undefined,
  after: { path: string; title: string } | undefined,
  link: (to: string) => string,
): string {
  const one = (word: string, page: { path: string; title: string } | undefined, side: string): string =>
    page === undefined
      ? '<span></span>'
      : `<a class="${side}" href="${link(page.path)}"><small>${word}</small>${escapeHtml(page.title)}</a>`
  return `<nav class="neighbours" aria-label="Before and after">${one('Before', before, 'before')}${one('Next', after, 'after')}</nav>`
}
