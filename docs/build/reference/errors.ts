import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeclarationReflection } from 'typedoc'
import { codeOf, isError } from '../api/api-page.ts'
import { markdownOf } from '../api/comment.ts'
import type { PackageApi } from '../api/read-api.ts'
import { movedLinks, sectionOf } from '../include.ts'

export const ERRORS_PAGE = 'reference/errors'

/** Errors that a command line shows its user, in words and by its exit code: nobody catches them. */
const OF_COMMANDS = ['ERR_CLI', 'ERR_COMMAND_LINE', 'ERR_INTERRUPTED', 'ERR_USAGE']

/** Where its text is, from `docs/pages`: links are relative to it. */
const SOURCE = `docs/pages/${ERRORS_PAGE}.md`

/** An error with a code, and the package that exports it first. */
interface ErrorClass {
  readonly code: string
  readonly declaration: DeclarationReflection
  readonly member: PackageApi
}

/** The page of all error codes: the docstring says the cause, the README of the package the remedy. */
export interface ErrorsPage {
  readonly markdown: string
  readonly codes: readonly string[]
  /** Codes that no README explains, or no exported error has. */
  readonly problems: readonly string[]
}

/** Makes the page of all error codes. */
export function errorsPage(root: string, packages: readonly PackageApi[]): ErrorsPage {
  const problems: string[] = []
  const errors = packages.flatMap(errorsOf)
  const lines = [
    '# Errors',
    '',
    'Every error has a `code`, which stays the same when its words change. Here is each with its cause and its remedy.',
    '',
    'What others send wrong is no error: it is turned away with a reason and counted. [Events](page:reference/events) has',
    'those reasons.',
    '',
  ]
  for (const member of packages) {
    const own = errors.filter((error) => error.member === member)
    if (own.length === 0) continue
    lines.push(`## ${member.name}`, '')
    for (const { code, declaration } of own) {
      lines.push(
        `### ${code}`,
        '',
        `\`${declaration.name}\`: ${asClause(markdownOf(declaration.comment?.summary))}`,
        '',
      )
      const told = packages.flatMap((teller) => {
        const text = remedyOf(root, teller, code)
        return text === undefined ? [] : [{ teller, text }]
      })
      if (!told.some(({ teller }) => teller === member))
        problems.push(`${member.folder}/README.md: has no section ${code}`)
      for (const { teller, text } of told)
        lines.push(teller === member ? text : `In \`${teller.name}\`: ${text}`, '')
    }
  }
  const codes = errors.map(({ code }) => code)
  for (const { folder } of packages) {
    for (const file of globSync('src/**/*.{ts,tsx}', { cwd: join(root, folder), exclude: ['**/*.test.*'] })) {
      for (const [code] of readFileSync(join(root, folder, file), 'utf8').matchAll(/\bERR_[A-Z_]*[A-Z]\b/g))
        if (!codes.includes(code) && !OF_COMMANDS.includes(code))
          problems.push(`${folder}/${file}: ${code} is no error that is exported`)
    }
  }
  return { markdown: lines.join('\n'), codes, problems }
}

function errorsOf(member: PackageApi): ErrorClass[] {
  const seen = new Set<string>()
  return member.entries
    .flatMap(({ module }) => module.children ?? [])
    .filter(isError)
    .flatMap((declaration) => {
      const code = codeOf(declaration)!
      if (seen.has(code)) return []
      seen.add(code)
      return [{ code, declaration, member }]
    })
}

function remedyOf(root: string, { folder }: PackageApi, code: string): string | undefined {
  const file = `${folder}/README.md`
  if (!existsSync(join(root, file))) return undefined
  const readme = readFileSync(join(root, file), 'utf8')
  const section = sectionOf(readme, code) ?? sectionOf(readme, `\`${code}\``)
  return section === undefined ? undefined : movedLinks(section, file, SOURCE).trim()
}

/** A docstring's first letter is large; behind a colon it is not. */
const asClause = (text: string): string => text.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
