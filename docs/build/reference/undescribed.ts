/**
 * Rows of a page's tables whose description is empty.
 *
 * @param column Which cell of a row describes it, from 0.
 */
export function undescribed(page: string, markdown: string, column: number): string[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\|( -+ \|)+$/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .filter((cells) => cells[0]!.includes('`') || cells[0]!.includes('<code>'))
    .filter((cells) => cells[column]?.trim() === '')
    .map((cells) => `${page}: says nothing of ${cells[0]!.trim()}`)
}
