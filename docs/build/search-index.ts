import MiniSearch from 'minisearch'
import type { Page } from './markdown.ts'
import { searchOptions } from './search-options.ts'

/** The index of all pages as a script that puts it where `client/search.ts` looks: a page from disk may load no JSON. */
export function searchIndexScript(pages: readonly Page[]): string {
  const index = new MiniSearch(searchOptions)
  let id = 0
  for (const { path, title, passages } of pages) {
    for (const { heading, text } of passages) {
      const isTop = heading.level === 1
      index.add({
        id: id++,
        place: isTop ? `${path}.html` : `${path}.html#${heading.id}`,
        title: isTop ? '' : title,
        heading: heading.text,
        text: text.slice(0, 2_000),
      })
    }
  }
  return `globalThis.searchIndex=${JSON.stringify(JSON.stringify(index))}\n`
}
