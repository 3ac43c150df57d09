import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** `<!-- include: PATH#Heading table -->`: what to take of that section, by default all of it. */
const INCLUDE = /^<!-- include: (?<path>[^#\n]+)#(?<heading>.+?)(?: \| (?<part>table|code))? -->$/gm

/** Where a block of code begins. */
const BLOCK = /^(?=```\w*\n[^]*?^```$)/gm
/** A link to a file, not to an address or a heading. */
const LINK = /\]\((?![a-z]+:|#)([^)\s]+)\)/g

/**
 * Puts what other pages of the project say in place of `<!-- include: ../README.md#Heading -->`, so that it is said, and
 * kept true, once.
 *
 * @throws Error when there is no such section, or nothing of the kind in it.
 */
export function withIncluded(root: string, source: string, markdown: string): string {
  return markdown.replaceAll(INCLUDE, (...match) => {
    const { path, heading, part } = match.at(-1) as Record<string, string | undefined>
    const file = posix.join(dirname(source), path!)
    const section = sectionOf(readFileSync(join(root, file), 'utf8'), heading!)
    const found = section === undefined ? undefined : partOf(section, part)
    if (found === undefined) throw new Error(`${source}: ${file} has no ${part ?? 'section'} at "${heading}"`)
    return movedLinks(found.replaceAll(BLOCK, `<!-- from: ${file} -->\n\n`), file, source).trim()
  })
}

/**
 * Puts tables that are made of the project's files in place of `<!-- made: NAME -->`.
 *
 * @throws Error when nothing makes that table.
 */
export function withTables(markdown: string, tables: ReadonlyMap<string, string>, source: string): string {
  return markdown.replaceAll(/^<!-- made: (.+) -->$/gm, (_, name: string) => {
    const table = tables.get(name)
    if (table === undefined) throw new Error(`${source}: nothing makes "${name}"`)
    return table
  })
}

/** Markdown of the file `from`, with links that lead to the same from the file `to`. */
export function movedLinks(markdown: string, from: string, to: string): string {
  return markdown.replaceAll(LINK, (_, link: string) => {
    return `](${posix.relative(dirname(to), posix.join(dirname(from), link))})`
  })
}

/** The text below a heading, up to the next one of its level or above. */
export function sectionOf(markdown: string, heading: string): string | undefined {
  const lines = markdown.split('\n')
  const from = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'))
  if (from < 0) return undefined
  const level = lines[from]!.indexOf(' ')
  const length = lines.slice(from + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level)
  return lines.slice(from + 1, length < 0 ? undefined : from + 1 + length).join('\n')
}

/** A section's first table, or block of code, or all of it. */
export function partOf(section: string, part: string | undefined): string | undefined {
  if (part === 'table') return /^\|.*(?:\n\|.*)*/m.exec(section)?.[0]
  if (part === 'code') return /^```\w*\n[^]*?^```$/m.exec(section)?.[0]
  return section
}
