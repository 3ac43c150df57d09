import { type DeclarationReflection, ReflectionKind } from 'typedoc'
import { code } from '../api/api-page.ts'
import { inCell, markdownOf, tagsOf } from '../api/comment.ts'
import type { PackageApi } from '../api/read-api.ts'
import { typeText } from '../api/signature.ts'

export const OPTIONS_PAGE = 'reference/options'

/** Makes the page of every option that somebody can set. */
export function optionsPage(packages: readonly PackageApi[]): string {
  const lines = [
    '# Options',
    '',
    'Every option of every function, with its type and its default. An option that is wrong throws at once, and the error',
    'says which it was, what was expected and what came.',
    '',
    'Times are in milliseconds. What happens at a limit is in [Limits](page:understand/limits).',
    '',
  ]
  for (const { name, entries } of packages) {
    const types = entries
      .flatMap(({ module }) => module.children ?? [])
      .filter((one) => one.kind === ReflectionKind.Interface && /Options$|^WaitLimits$/.test(one.name))
    if (types.length === 0) continue
    lines.push(`## ${name}`, '')
    for (const type of types) lines.push(...tableOf(type))
  }
  return lines.join('\n')
}

function tableOf({ name, comment, children = [] }: DeclarationReflection): string[] {
  const lines = [`### ${name}`, '', markdownOf(comment?.summary), '']
  lines.push('| option | default | |', '| --- | --- | --- |')
  for (const { name: option, flags, type, signatures, comment: own } of children) {
    const [standard] = tagsOf(own ?? signatures?.[0]?.comment, '@default')
    const taken = standard === undefined ? (flags.isOptional ? '' : 'must be given') : code(standard)
    const text = markdownOf((own ?? signatures?.[0]?.comment)?.summary)
    const shape = type === undefined ? '' : `<br>\`${typeText(type).replaceAll('|', '\\|')}\``
    lines.push(`| <code>${option}</code>${shape} | ${inCell(taken)} | ${inCell(text)} |`)
  }
  return [...lines, '']
}
