import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { globSync, existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'vite'
import { apiPage, explainedNames } from './api/api-page.ts'
import { readApi } from './api/read-api.ts'
import { API_PAGES, contents } from './contents.ts'
import { createHighlight } from './highlight.ts'
import { withIncluded, withTables } from './include.ts'
import { type NavPart, layOut } from './layout.ts'
import { findBadLinks } from './links.ts'
import { llmsFullText, llmsText } from './llms.ts'
import { type Page, renderPage } from './markdown.ts'
import { ERRORS_PAGE, errorsPage } from './reference/errors.ts'
import { bundleSizesTable } from './reference/bundle-sizes.ts'
import { EVENTS_PAGE, eventsPage } from './reference/events.ts'
import { LIMITS_PAGE, limitsPage } from './reference/limits-page.ts'
import { OPTIONS_PAGE, optionsPage } from './reference/options.ts'
import { peersTable } from './reference/peers.ts'
import { presetsText } from './reference/presets.ts'
import { undescribed } from './reference/undescribed.ts'
import { timelinePicture } from './reference/timeline.ts'
import { searchIndexScript } from './search-index.ts'
import { wholePrograms, withPointer } from './whole-program.ts'

/** The project's folder, and that of the site's sources. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DOCS = join(ROOT, 'docs')
const TOKENS = join(ROOT, 'apps/example/src/page/tokens.css')
const REPOSITORY = 'https://github.com/reliable-channels/reliable-channels/blob/main'

/** What a build made. */
export interface Built {
  readonly pages: number
  /** What is wrong, a line each. */
  readonly problems: readonly string[]
}

/** Builds the site into the folder `out`, which is emptied first. */
export async function buildSite(out: string): Promise<Built> {
  await rm(out, { recursive: true, force: true })
  await mkdir(join(out, 'assets'), { recursive: true })
  const problems: string[] = []
  const pictures = new Map<string, string>()
  const packages = await readApi(ROOT)
  const errors = errorsPage(ROOT, packages)
  problems.push(...errors.problems)
  const made = new Map([
    [LIMITS_PAGE, limitsPage(ROOT)],
    [ERRORS_PAGE, errors.markdown],
    [EVENTS_PAGE, eventsPage(packages)],
    [OPTIONS_PAGE, optionsPage(packages)],
    ...packages.map((member) => {
      const path = `${API_PAGES}${member.name}`
      return [path, apiPage(ROOT, member, path)] as const
    }),
  ])
  problems.push(
    ...undescribed(EVENTS_PAGE, made.get(EVENTS_PAGE)!, 1),
    ...undescribed(OPTIONS_PAGE, made.get(OPTIONS_PAGE)!, 2),
  )
  const tables = new Map([
    ['bundle sizes', bundleSizesTable()],
    ['peers', peersTable(ROOT)],
    ['presets', presetsText()],
    ['timeline', timelinePicture(ROOT)],
  ])
  const symbols = new Map<string, string>(
    errors.codes.map((code) => [code, `${ERRORS_PAGE}#${code.toLowerCase()}`]),
  )
  for (const member of packages.toReversed()) {
    for (const name of explainedNames(member))
      symbols.set(name, `${API_PAGES}${member.name}#${name.toLowerCase()}`)
  }
  const parts = contents(packages.map(({ name }) => name))
  const around = {
    highlight: await createHighlight(),
    symbols,
    moved: new Map([
      ['LIMITS.md', LIMITS_PAGE],
      ...packages.map(({ folder, name }) => [folder, `${API_PAGES}${name}`] as const),
    ]),
    repository: REPOSITORY,
    picture(path: string): string {
      const name = `assets/${basename(path)}`
      if (!existsSync(join(ROOT, path))) problems.push(`there is no picture ${path}`)
      else pictures.set(name, path)
      return name
    },
  }

  const pages = new Map<string, Page>()
  for (const path of parts.flatMap((part) => part.pages)) {
    const source = `docs/pages/${path}.md`
    try {
      const markdown = made.get(path) ?? (await writtenPage(source, tables))
      pages.set(path, renderPage(path, source, markdown, around))
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  for (const file of globSync('**/*.md', { cwd: join(DOCS, 'pages') })) {
    const path = file.slice(0, -'.md'.length)
    if (!parts.some((part) => part.pages.includes(path)))
      problems.push(`docs/pages/${file}: is on no list; name it in docs/build/contents.ts`)
  }

  const nav: NavPart[] = parts.map(({ title, pages: paths }) => ({
    title,
    pages: paths.flatMap((path) => {
      const page = pages.get(path)
      return page === undefined ? [] : [{ path, title: page.title }]
    }),
  }))
  const html = new Map([...pages].map(([path, page]) => [`${path}.html`, layOut(page, nav)] as const))
  const files = new Map<string, string>([
    ['assets/site.css', await styleSheet()],
    ['assets/site.js', await clientScript()],
    ['assets/icon.svg', await readFile(join(DOCS, 'client/icon.svg'), 'utf8')],
    ['assets/search-index.js', searchIndexScript([...pages.values()])],
    ['llms.txt', llmsText(nav, pages)],
    ['llms-full.txt', llmsFullText(nav, pages)],
  ])
  for (const [name, text] of [...html, ...files]) {
    await mkdir(dirname(join(out, name)), { recursive: true })
    await writeFile(join(out, name), text)
  }
  for (const [name, path] of pictures) await copyFile(join(ROOT, path), join(out, name))
  for (const { page, to, problem } of findBadLinks(html, new Set([...files.keys(), ...pictures.keys()])))
    problems.push(`${page}: ${to} ${problem}`)
  return { pages: pages.size, problems }
}

/** The markdown of a page that people wrote, with what it takes from elsewhere. */
async function writtenPage(source: string, tables: ReadonlyMap<string, string>): Promise<string> {
  const markdown = await readFile(join(ROOT, source), 'utf8')
  const whole = withTables(withIncluded(ROOT, source, markdown), tables, source)
  if (!source.startsWith('docs/pages/guides/')) return whole
  const programs = wholePrograms(ROOT, source, markdown)
  return withPointer(whole, programs) + programs
}

async function styleSheet(): Promise<string> {
  const texts = await Promise.all(
    [TOKENS, join(DOCS, 'client/site.css')].map((path) => readFile(path, 'utf8')),
  )
  return texts.join('\n')
}

/** The script of all pages: one file that is no module, since a page from disk may load none. */
async function clientScript(): Promise<string> {
  const result = await bundle({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry: join(DOCS, 'client/main.ts'), formats: ['iife'], name: 'site' },
    },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    'output' in one ? one.output : [],
  )
  const chunk = outputs.find(({ type }) => type === 'chunk')
  if (chunk?.type !== 'chunk') throw new Error('the script of the site was not built')
  return chunk.code
}
