import { dirname, posix } from 'node:path'
import MarkdownIt from 'markdown-it'
import { type Highlight, escapeHtml } from './highlight.ts'
import { relativeLink } from './links.ts'

/** A heading of a page, or one of its code blocks' neighbours: where a link can lead. */
export interface Heading {
  readonly level: number
  readonly id: string
  readonly text: string
}

/** What stands below one heading, as the search looks through it. */
export interface Passage {
  readonly heading: Heading
  readonly text: string
}

/** A page, ready to be laid out. */
export interface Page {
  /** As `guides/chat`. */
  readonly path: string
  readonly title: string
  /** Its first paragraph, as text. */
  readonly lead: string
  readonly html: string
  readonly headings: readonly Heading[]
  readonly passages: readonly Passage[]
  readonly markdown: string
}

/** What a page may lean on. */
export interface Surroundings {
  readonly highlight: Highlight
  /** Where exported names and error codes are explained, as `reference/api/channel#openchannel`. */
  readonly symbols: ReadonlyMap<string, string>
  /** Takes a picture into the site; returns its path there. */
  readonly picture: (path: string) => string
  /** Pages of the site that stand for a file or folder of the project, by its path. */
  readonly moved: ReadonlyMap<string, string>
  /** Where the project's sources can be read. */
  readonly repository: string
}

const MARKER = /^<!-- (?<kind>example|output|from): (?<path>[^\s#]+)(?:#\S+)? -->\s*$/

/**
 * Turns the markdown of a page into HTML.
 *
 * @param source Where the page's file is, from the project's root; for a page that is made, where it would be.
 * @throws Error when the page has no title, or quotes code that no test runs.
 */
export function renderPage(path: string, source: string, markdown: string, around: Surroundings): Page {
  const taken = new Map<string, number>()
  const headings: Heading[] = []
  const passages: { heading: Heading; text: string }[] = []
  let lead = ''
  let quoted: { kind: string; path: string } | undefined

  const md = new MarkdownIt({ html: true, typographer: false })
  const tokens = md.parse(markdown, {})

  const target = (href: string): string => {
    if (/^(https?:|#)/.test(href)) return href
    if (href.startsWith('page:')) return relativeLink(path, href.slice('page:'.length))
    const file = posix.join(dirname(source), href)
    const moved = around.moved.get(file)
    if (moved !== undefined) return relativeLink(path, moved)
    const inside = /^docs\/pages\/(?<page>.*)\.md(?<anchor>#.*)?$/.exec(file)
    if (inside === null) return `${around.repository}/${file}`
    return relativeLink(path, `${inside.groups!['page']}${inside.groups!['anchor'] ?? ''}`)
  }

  const textOf = (children: typeof tokens | null): string =>
    (children ?? [])
      .map(({ type, content }) => (type === 'softbreak' ? ' ' : type === 'html_inline' ? '' : content))
      .join('')

  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const text = textOf(tokens[i + 1]!.children)
      const heading = { level: Number(token.tag.slice(1)), id: slug(text, taken), text }
      token.attrSet('id', heading.id)
      headings.push(heading)
      passages.push({ heading, text: '' })
    }
    const passage = passages.at(-1)
    if (token.type === 'inline' && tokens[i - 1]?.type !== 'heading_open') {
      const text = textOf(token.children)
      if (lead === '' && tokens[i - 1]?.type === 'paragraph_open') lead = text
      if (passage !== undefined) passage.text += `${text} `
    }
    let isInLink = false
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') {
        isInLink = true
        child.attrSet('href', target(String(child.attrGet('href'))))
      }
      if (child.type === 'link_close') isInLink = false
      if (child.type === 'image') {
        const file = posix.join(dirname(source), String(child.attrGet('src')))
        child.attrSet('src', relativeFile(path, around.picture(file)))
        child.attrSet('loading', 'lazy')
      }
      if (child.type === 'code_inline' && !isInLink && tokens[i - 1]?.type !== 'heading_open') {
        const { content } = child
        const place = around.symbols.get(content.replace(/\(.*\)$/, ''))
        child.meta =
          place === undefined ? { isType: content.includes(': ') } : { link: relativeLink(path, place) }
      }
    }
  }

  md.renderer.rules['heading_open'] = (all, i) => `<${all[i]!.tag} id="${String(all[i]!.attrGet('id'))}">`
  md.renderer.rules['heading_close'] = (all, i) => {
    const id = String(
      all
        .slice(0, i)
        .findLast(({ type }) => type === 'heading_open')!
        .attrGet('id'),
    )
    const { tag } = all[i]!
    if (tag === 'h1') return `</h1>\n`
    return `<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></${tag}>\n`
  }
  md.renderer.rules['code_inline'] = (all, i) => {
    const { content, meta } = all[i]!
    const code = `<code>${escapeHtml(content)}</code>`
    const link: unknown = meta?.['link']
    if (typeof link === 'string') return `<a class="symbol" href="${link}">${code}</a>`
    return meta?.['isType'] === true ? linkNames(code, path, around.symbols) : code
  }
  md.renderer.rules['table_open'] = () =>
    '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n'
  md.renderer.rules['table_close'] = () => '</table></div>\n'
  md.renderer.rules['html_block'] = (all, i) => {
    const { content } = all[i]!
    const marker = MARKER.exec(content)
    if (marker === null) return content.startsWith('<!--') ? '' : content
    quoted = marker.groups as { kind: string; path: string }
    return ''
  }
  md.renderer.rules['fence'] = (all, i) => {
    const { info, content, map } = all[i]!
    const language = info.trim()
    const from = quoted
    quoted = undefined
    if (from === undefined && language !== 'sh')
      throw new Error(`${source}:${(map?.[0] ?? 0) + 1}: a block of ${language} that quotes no tested file`)
    const code = around.highlight(content, language)
    return codeBlock(from?.kind === 'from' ? linkNames(code, path, around.symbols) : code, {
      kind: from?.kind ?? 'shell',
      file: from?.kind === 'example' ? posix.basename(from.path) : '',
    })
  }
  // An empty head of a column is no head.
  const html = md.renderer.render(tokens, md.options, {}).replaceAll(/<th[^>]*><\/th>/g, '<td></td>')
  const title = headings.find(({ level }) => level === 1)?.text
  if (title === undefined) throw new Error(`${source}: has no title`)
  return { path, title, lead, html, headings, passages, markdown }
}

function codeBlock(code: string, { kind, file }: { kind: string; file: string }): string {
  const caption = kind === 'output' ? 'prints' : file
  const copy =
    kind === 'example' || kind === 'shell' ? '<button class="copy" type="button">Copy</button>' : ''
  const head = caption === '' && copy === '' ? '' : `<figcaption><span>${caption}</span>${copy}</figcaption>`
  return `<figure class="code ${kind}">${head}<pre tabindex="0"><code>${code}</code></pre></figure>\n`
}

/** Makes links of exported names in highlighted code. */
function linkNames(html: string, path: string, symbols: ReadonlyMap<string, string>): string {
  return html
    .split(/(<[^>]*>)/)
    .map((piece) => {
      if (piece.startsWith('<')) return piece
      return piece.replaceAll(/\b[A-Z]\w+\b/g, (name) => {
        const place = symbols.get(name)
        return place === undefined ? name : `<a href="${relativeLink(path, place)}">${name}</a>`
      })
    })
    .join('')
}

/** The path of a file of the site as a page names it. */
function relativeFile(path: string, file: string): string {
  return posix.relative(posix.dirname(path), file)
}

/** An id for a heading, as GitHub makes it. */
function slug(text: string, taken: Map<string, number>): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
  const count = taken.get(plain) ?? 0
  taken.set(plain, count + 1)
  return count === 0 ? plain : `${plain}-${count}`
}
