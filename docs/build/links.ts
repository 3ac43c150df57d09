import { posix } from 'node:path'

/**
 * The link from one page to another, as it works from disk too: relative, and to a file.
 *
 * @param to As `guides/chat#receipts`.
 */
export function relativeLink(from: string, to: string): string {
  const [path = '', anchor] = to.split('#')
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (path === from && hash !== '') return hash
  return `${posix.relative(posix.dirname(from), `${path}.html`)}${hash}`
}

/** A link, picture or script that leads nowhere, or out to the network. */
export interface BadLink {
  readonly page: string
  readonly to: string
  readonly problem: string
}

/**
 * Looks at every link of built pages.
 *
 * @param pages HTML by the path of its file, as `guides/chat.html`.
 * @param files Paths of the other files of the site.
 */
export function findBadLinks(pages: ReadonlyMap<string, string>, files: ReadonlySet<string>): BadLink[] {
  const ids = new Map<string, Set<string>>()
  for (const [file, html] of pages)
    ids.set(file, new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!)))
  const bad: BadLink[] = []
  for (const [file, html] of pages) {
    for (const [, tag, attribute, to = ''] of html.matchAll(/<(\w+)\b[^>]*? (href|src)="([^"]*)"/g)) {
      const isExternal = /^[a-z]+:|^\/\//i.test(to)
      if (isExternal) {
        if (tag !== 'a' || attribute !== 'href')
          bad.push({ page: file, to, problem: 'is loaded from the network' })
        continue
      }
      const [path = '', anchor] = to.split('#')
      const target = path === '' ? file : posix.join(posix.dirname(file), path)
      if (!pages.has(target) && !files.has(target)) bad.push({ page: file, to, problem: 'leads to no file' })
      else if (anchor !== undefined && !ids.get(target)?.has(decodeURIComponent(anchor)))
        bad.push({ page: file, to, problem: 'leads to no heading' })
    }
  }
  return bad
}
