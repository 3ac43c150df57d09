import type { NavPart } from './layout.ts'
import type { Page } from './markdown.ts'

/** `llms.txt`: what the site is, and each page with what it says, for programs that read. */
export function llmsText(nav: readonly NavPart[], pages: ReadonlyMap<string, Page>): string {
  const home = pages.get('index')!
  const lines = [`# ${home.title}`, '', `> ${home.lead}`, '']
  lines.push('Everything below in one file: [llms-full.txt](llms-full.txt)', '')
  for (const { title, pages: listed } of nav) {
    lines.push(`## ${title}`, '')
    for (const { path } of listed) {
      const page = pages.get(path)!
      lines.push(`- [${page.title}](${path}.html): ${page.lead}`)
    }
    lines.push('')
  }
  return lines.join('\n')
}

/** `llms-full.txt`: all pages as markdown, one after the other. */
export function llmsFullText(nav: readonly NavPart[], pages: ReadonlyMap<string, Page>): string {
  const all = nav.flatMap(({ pages: listed }) => listed.map(({ path }) => pages.get(path)!))
  return all.map(({ path, markdown }) => `<!-- ${path}.html -->\n\n${withoutMarkers(markdown)}`).join('\n\n')
}

const withoutMarkers = (markdown: string): string =>
  markdown.replaceAll(/^<!-- (?:example|output|from): .* -->\n+/gm, '').trim()
