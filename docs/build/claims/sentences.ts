import MarkdownIt, { type Token } from 'markdown-it'

/** Where one sentence ends and the next begins; what follows `e.g.` or `Node.js` has a small letter or a digit. */
const BETWEEN = /(?<=[.!?:][)"”]?) (?=[\p{Lu}`“(])/u
const TAG = /<!--[^]*?-->|<[^>]*>/g

/**
 * What a page says in words: the sentences of its paragraphs, items and pictures, and the rows of its tables, in the order in
 * which they stand there and as plain text. Headings, blocks of code and what is one word are left out.
 */
export function sentencesOf(markdown: string): string[] {
  const said: string[] = []
  let row: string[] | undefined
  let isHead = false
  const tokens = new MarkdownIt({ html: true }).parse(markdown, {})
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'thead_open') isHead = true
    if (token.type === 'thead_close') isHead = false
    if (token.type === 'tr_open') row = []
    if (token.type === 'inline' && tokens[i - 1]?.type !== 'heading_open') {
      if (row === undefined) said.push(...plain(token).split(BETWEEN))
      else row.push(plain(token))
    }
    if (token.type === 'tr_close') {
      if (!isHead) said.push(row!.join(' | '))
      row = undefined
    }
    if (token.type === 'html_block') said.push(...token.content.split(/<\/(?:li|p|div)>/).map(withoutTags))
  }
  return [...new Set(said)].filter((sentence) => /\p{L}.* /u.test(sentence))
}

const withoutTags = (html: string): string => html.replaceAll(TAG, '').replaceAll(/\s+/g, ' ').trim()

/** Text without emphasis and targets of links; names stay in backticks. */
function plain({ children }: Token): string {
  const text = (children ?? []).map(({ type, content }) => {
    if (type === 'code_inline') return `\`${content}\``
    return type === 'softbreak' ? ' ' : type === 'html_inline' ? '' : content
  })
  return text.join('').replaceAll(/\s+/g, ' ').trim()
}
