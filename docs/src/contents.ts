/** A part of the site, as the navigation shows it. */
export interface Part {
  readonly title: string
  /** Paths of pages below `pages/`, without `.md`, in the order in which they are read. */
  readonly pages: readonly string[]
}

/** The site, from front to back. A page that is not here is not built, and the build says so. */
export const contents: readonly Part[] = [
  {
    title: 'Start',
    pages: ['index', 'start/quick-start', 'start/choose-your-way'],
  },
  {
    title: 'Guides',
    pages: [],
  },
  {
    title: 'Understand',
    pages: [],
  },
  {
    title: 'Reference',
    pages: [],
  },
]
