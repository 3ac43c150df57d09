import type { Comment, CommentDisplayPart } from 'typedoc'

/** The parts of a docstring, as markdown. */
export function markdownOf(parts: readonly CommentDisplayPart[] | undefined): string {
  return (parts ?? [])
    .map((part) => (part.kind === 'inline-tag' ? `\`${part.text.trim()}\`` : part.text))
    .join('')
    .trim()
}

/** What stands behind each tag of that name, as markdown. */
export function tagsOf(comment: Comment | undefined, tag: `@${string}`): string[] {
  return (comment?.blockTags ?? [])
    .filter((block) => block.tag === tag)
    .map(({ content }) => markdownOf(content).replace(/^```\w*\n([^]*)\n```$/, '$1'))
}

/** Markdown in one line, for a cell of a table. */
export function inCell(markdown: string): string {
  return markdown.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')
}
