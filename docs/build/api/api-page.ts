import { type DeclarationReflection, ReflectionKind, type SignatureReflection } from 'typedoc'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { movedLinks } from '../include.ts'
import { inCell, markdownOf, tagsOf } from './comment.ts'
import type { Entry, PackageApi } from './read-api.ts'
import { callText, declarationText, memberText } from './signature.ts'

/** What is exported, in the order in which a page shows it. */
const GROUPS: readonly { readonly title: string; readonly has: (one: DeclarationReflection) => boolean }[] = [
  { title: 'Functions', has: ({ kind }) => kind === ReflectionKind.Function },
  { title: 'Classes', has: (one) => one.kind === ReflectionKind.Class && !isError(one) },
  { title: 'Errors', has: isError },
  {
    title: 'Types',
    has: ({ kind }) => kind === ReflectionKind.Interface || kind === ReflectionKind.TypeAlias,
  },
  { title: 'Values', has: ({ kind }) => kind === ReflectionKind.Variable },
]

/** The page of a package: the beginning of its README, then all that can be imported from it, as its docstrings explain it. */
export function apiPage(root: string, { name, folder, entries }: PackageApi, path: string): string {
  const lines = [`# ${name}`, '', beginningOf(root, `${folder}/README.md`, path), '']
  for (const entry of entries) lines.push(...entryLines(entry, entries.length > 1))
  return lines.join('\n')
}

/** What a README says before its first section, without its title. */
function beginningOf(root: string, readme: string, path: string): string {
  const text = readFileSync(join(root, readme), 'utf8')
  const beginning = text.split(/^## /m)[0]!.replace(/^# .*\n+/, '')
  return movedLinks(beginning, readme, `docs/pages/${path}.md`).trim()
}

/** The names that a package's page explains. */
export function explainedNames({ entries }: PackageApi): string[] {
  return entries.flatMap(({ module }) => own(module).map(({ name }) => name))
}

function entryLines({ specifier, module }: Entry, isOneOfSeveral: boolean): string[] {
  const lines: string[] = []
  if (isOneOfSeveral) lines.push(`## ${specifier}`, '')
  const text = markdownOf(module.comment?.summary)
  if (text !== '') lines.push(text, '')
  const handedOn = (module.children ?? []).filter(({ kind }) => kind === ReflectionKind.Reference)
  if (handedOn.length > 0)
    lines.push(`Exports too: ${handedOn.map(({ name }) => `\`${name}\``).join(', ')}.`, '')
  for (const { title, has } of GROUPS) {
    const members = own(module).filter(has)
    if (members.length === 0) continue
    if (!isOneOfSeveral) lines.push(`## ${title}`, '')
    for (const member of members) lines.push(...declarationLines(member))
  }
  return lines
}

const own = ({ children = [] }: DeclarationReflection): DeclarationReflection[] =>
  children.filter(({ kind }) => kind !== ReflectionKind.Reference)

function declarationLines(one: DeclarationReflection): string[] {
  const lines = [`### ${one.name}`, '']
  const code = isError(one) ? codeOf(one) : undefined
  const signatures = one.signatures ?? []
  lines.push('<!-- from: docstrings -->', '', '```ts', declarationText(one), '```', '')
  const comment = one.comment ?? signatures[0]?.comment
  lines.push(...textLines(markdownOf(comment?.summary)))
  if (code !== undefined) lines.push(`Its \`code\` is \`${code}\`.`, '')
  for (const signature of signatures) lines.push(...signatureLines(signature))
  for (const example of tagsOf(comment, '@example'))
    lines.push('<!-- from: docstrings -->', '', '```ts', example, '```', '')
  if (one.kind === ReflectionKind.Variable) lines.push(...defaultLines(one))
  lines.push(...memberLines(one))
  return lines
}

function signatureLines(signature: SignatureReflection): string[] {
  const lines: string[] = []
  const explained = (signature.parameters ?? []).filter(({ comment }) => comment?.summary.length)
  for (const { name, comment } of explained)
    lines.push(
      `- **${name === '__namedParameters' ? 'options' : name}**: ${flow(markdownOf(comment?.summary))}`,
    )
  for (const text of tagsOf(signature.comment, '@returns')) lines.push(`- **Returns** ${flow(text)}`)
  for (const text of tagsOf(signature.comment, '@throws')) lines.push(`- **Throws** ${flow(named(text))}`)
  return lines.length === 0 ? [] : [...lines, '']
}

/** The members of a class or interface, one a row. */
function memberLines(one: DeclarationReflection): string[] {
  const declared =
    one.kind === ReflectionKind.TypeAlias && one.type?.type === 'reflection' ? one.type.declaration : one
  const members = (declared.children ?? []).filter(
    ({ name, kind, flags, inheritedFrom }) =>
      kind !== ReflectionKind.Constructor &&
      inheritedFrom === undefined &&
      !flags.isStatic &&
      !(isError(one) && ['name', 'code', 'message', 'stack', 'cause'].includes(name)),
  )
  const created = one.kind === ReflectionKind.Class && !isError(one) ? constructorOf(one) : []
  if (members.length === 0) return created
  const rows = members.map((member) => {
    const comment = member.comment ?? member.signatures?.[0]?.comment ?? member.getSignature?.comment
    const cells = [markdownOf(comment?.summary)]
    const [limit] = tagsOf(comment, '@limit')
    const [standard] = tagsOf(comment, '@default')
    const thrown = tagsOf(comment, '@throws')
    if (limit !== undefined) cells.push(`**At the limit:** ${limit}`)
    if (standard !== undefined) cells.push(`**Default:** ${code(standard)}`)
    if (thrown.length > 0) cells.push(`**Throws** ${thrown.map(named).join('; ')}.`)
    return `| \`${memberText(member).replaceAll('|', '\\|')}\` | ${inCell(cells.filter((cell) => cell !== '').join('<br>'))} |`
  })
  return [...created, '| member | |', '| --- | --- |', ...rows, '']
}

function constructorOf(one: DeclarationReflection): string[] {
  const [signature] = one.children?.find(({ kind }) => kind === ReflectionKind.Constructor)?.signatures ?? []
  if (signature === undefined) return []
  const text = callText(`new ${one.name}`, signature).replace(/: [^:]*$/, '')
  return [
    '<!-- from: docstrings -->',
    '',
    '```ts',
    text,
    '```',
    '',
    ...textLines(markdownOf(signature.comment?.summary)),
  ]
}

function defaultLines(one: DeclarationReflection): string[] {
  const value = one.defaultValue
  return value === undefined || value === '...' ? [] : [`It is ${code(value)}.`, '']
}

const textLines = (text: string): string[] => (text === '' ? [] : [text, ''])
const flow = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')

/** A default as code, unless it is said in words. */
export const code = (value: string): string =>
  /^[a-z]+:? [a-z ,:']+$/i.test(value) || value.includes('`') ? value : `\`${value.replaceAll('|', '\\|')}\``

/** Names of errors as code, so that they become links. */
const named = (text: string): string => text.replaceAll(/(?<!`)\b(\w+Error)\b(?!`)/g, '`$1`')

/** Whether it is an error with a code. */
export function isError(one: DeclarationReflection): boolean {
  return one.kind === ReflectionKind.Class && codeOf(one) !== undefined
}

/** The code of an error. */
export function codeOf(one: DeclarationReflection): string | undefined {
  const property = one.children?.find(({ name }) => name === 'code')
  return /^'?"?(ERR_\w+)"?'?$/.exec(property?.type?.toString() ?? property?.defaultValue ?? '')?.[1]
}
