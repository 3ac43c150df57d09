import { describe, expect, it } from 'vitest'
import { findBadLinks, relativeLink } from './links.ts'

describe('a link between pages', () => {
  it('is relative, and leads to a file, so that it works from disk', () => {
    expect(relativeLink('index', 'guides/chat')).toBe('guides/chat.html')
    expect(relativeLink('guides/chat', 'reference/errors#err_queue_full')).toBe(
      '../reference/errors.html#err_queue_full',
    )
    expect(relativeLink('guides/chat', 'guides/chat#receipts')).toBe('#receipts')
  })
})

describe('the check of links', () => {
  const check = (html: string): string[] =>
    findBadLinks(
      new Map([
        ['index.html', html],
        ['guides/chat.html', '<h2 id="receipts">Receipts</h2>'],
      ]),
      new Set(['assets/site.js']),
    ).map(({ page, to, problem }) => `${page}: ${to} ${problem}`)

  it('is content with pages, headings and files that are there, and with links out', () => {
    const there = '<a href="guides/chat.html#receipts">a</a><script src="assets/site.js"></script>'
    expect(check(`${there}<a class="x" href="https://waku.org">b</a>`)).toEqual([])
  })

  it('finds pages and headings that are not', () => {
    expect(
      check('<a href="guides/cat.html">a</a><a href="guides/chat.html#no">b</a><a href="#no">c</a>'),
    ).toEqual([
      'index.html: guides/cat.html leads to no file',
      'index.html: guides/chat.html#no leads to no heading',
      'index.html: #no leads to no heading',
    ])
  })

  it('finds what would be loaded from the network', () => {
    expect(
      check('<img alt="" src="https://example.org/a.png"><link rel="x" href="//example.org/a.css">'),
    ).toEqual([
      'index.html: https://example.org/a.png is loaded from the network',
      'index.html: //example.org/a.css is loaded from the network',
    ])
  })
})
