import { describe, expect, it } from 'vitest'
import { escapeHtml } from './highlight.ts'
import { renderPage } from './markdown.ts'

const pictures: string[] = []
const around = {
  highlight: (code: string) => escapeHtml(code),
  symbols: new Map([['openChannel', 'reference/api/channel#openchannel']]),
  picture(path: string) {
    pictures.push(path)
    return 'assets/a.webp'
  },
  moved: new Map([['packages/g', 'reference/api/g']]),
  repository: 'https://example.org/blob/main',
}
const render = (markdown: string) => renderPage('guides/a', 'docs/pages/guides/a.md', markdown, around)

describe('a page', () => {
  it('has a title, a first paragraph, and a passage for the search below each heading', () => {
    const { title, lead, headings, passages } = render('# A `b`\n\nFirst\nwords.\n\n## C\n\nMore.\n\n## C\n')
    expect(title).toBe('A b')
    expect(lead).toBe('First words.')
    expect(headings.map(({ id }) => id)).toEqual(['a-b', 'c', 'c-1'])
    expect(passages.map(({ text }) => text.trim())).toEqual(['First words.', 'More.', ''])
  })

  it('is refused without a title', () => {
    expect(() => render('text\n')).toThrow('docs/pages/guides/a.md: has no title')
  })

  it('is refused with code that quotes no tested file, but shell commands may stand alone', () => {
    expect(() => render('# A\n\n```ts\nlet a\n```\n')).toThrow(
      'docs/pages/guides/a.md:3: a block of ts that quotes no tested file',
    )
    expect(render('# A\n\n```sh\nls\n```\n').html).toContain('class="code shell"')
  })

  it('shows the name of the file that it quotes, and what that prints', () => {
    const quote = '<!-- example: ../../examples/b.ts#r -->\n\n```ts\nlet b\n```\n'
    const { html } = render(
      `# A\n\n${quote}\n<!-- output: ../../examples/b.ts -->\n\n\`\`\`text\n1\n\`\`\`\n`,
    )
    expect(html).toContain('<span>b.ts</span>')
    expect(html).toContain('<span>prints</span>')
  })

  it('links to pages beside it, to pages that are made, and to the sources of all else', () => {
    const { html } = render(
      '# A\n\n[b](b.md#c) [d](../d.md) [e](page:reference/errors#err_x) [f](../../../packages/f) [g](../../../packages/g) [h](https://h.org)\n',
    )
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)
    expect(links).toEqual([
      'b.html#c',
      '../d.html',
      '../reference/errors.html#err_x',
      'https://example.org/blob/main/packages/f',
      '../reference/api/g.html',
      'https://h.org',
    ])
  })

  it('links names that are explained elsewhere, with what they are called with, but not in headings and links', () => {
    const { html } = render('# `openChannel`\n\n`openChannel(a)` [`openChannel`](b.md) `other`\n')
    expect(html.match(/class="symbol" href="..\/reference\/api\/channel.html#openchannel"/g)).toHaveLength(1)
  })

  it('takes pictures along, and gives no head to a column without one', () => {
    const { html } = render('# A\n\n![b](../../../apps/b.webp)\n\n| | c |\n| - | - |\n| 1 | 2 |\n')
    expect(pictures).toEqual(['apps/b.webp'])
    expect(html).toContain('src="../assets/a.webp" alt="b"')
    expect(html).not.toContain('<th></th>')
  })
})
