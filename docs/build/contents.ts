import { ERRORS_PAGE } from './reference/errors.ts'
import { EVENTS_PAGE } from './reference/events.ts'
import { LIMITS_PAGE } from './reference/limits-page.ts'
import { OPTIONS_PAGE } from './reference/options.ts'

/** A part of the site, as the navigation shows it. */
export interface Part {
  readonly title: string
  /** Paths of pages, without `.md`, in the order in which they are read: files below `pages/`, or pages that are made. */
  readonly pages: readonly string[]
}

/** Where the pages of packages are. */
export const API_PAGES = 'reference/api/'

/** The site, from front to back. A page that is not here is not built, and the build says so. */
export function contents(packages: readonly string[]): Part[] {
  return [
    {
      title: 'Start',
      pages: ['index', 'start/quick-start', 'start/see-it', 'start/choose-your-way'],
    },
    {
      title: 'Guides',
      pages: [
        'guides/chat',
        'guides/react',
        'guides/files',
        'guides/offline-first',
        'guides/devices',
        'guides/ending',
        'guides/thousand-channels',
        'guides/tight-quota',
        'guides/key-rotation',
        'guides/own-parts',
        'guides/tuning',
        'guides/debugging',
        'guides/command-line',
        'guides/from-waku-sdk',
      ],
    },
    {
      title: 'Understand',
      pages: [
        'understand/pipeline',
        'understand/lost-message',
        'understand/guarantees',
        'understand/security',
        LIMITS_PAGE,
        'understand/wire-formats',
        'understand/sizes-and-costs',
        'understand/runtimes',
      ],
    },
    {
      title: 'Reference',
      pages: [ERRORS_PAGE, EVENTS_PAGE, OPTIONS_PAGE],
    },
    {
      title: 'Packages',
      pages: packages.map((name) => `${API_PAGES}${name}`),
    },
  ]
}
