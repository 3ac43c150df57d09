import type { Options } from 'minisearch'

/** A place that the search finds: a page, or a part of one below a heading. */
export interface Found {
  readonly id: number
  /** The link to it from the site's root. */
  readonly place: string
  /** The page it is of; empty for a page itself. */
  readonly title: string
  readonly heading: string
  readonly text: string
}

/** How the index is made, and read again in the page. */
export const searchOptions: Options<Found> = {
  fields: ['heading', 'title', 'text'],
  storeFields: ['place', 'title', 'heading', 'text'],
  // `maxOpenRequests` is found by its parts too, and `ERR_QUEUE_FULL` by "queue".
  tokenize: (text) =>
    text
      .split(/[^\p{L}\p{N}_$]+/u)
      .flatMap((word) => [word, ...word.split(/_|(?<=\p{Ll})(?=\p{Lu})/u)])
      .filter((word) => word !== ''),
  searchOptions: {
    prefix: (term) => term.length > 2,
    fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    boost: { heading: 4, title: 2 },
    // What explains comes before what lists, and what is called just so before all.
    boostDocument: (_id, term, found) => {
      const isNamed = String(found?.['heading']).toLowerCase() === term
      const explains = /^(?:start|guides|understand)\/(?!limits\b)/.test(String(found?.['place']))
      return (isNamed ? 3 : 1) * (explains ? 5 : 1)
    },
    combineWith: 'AND',
  },
}
