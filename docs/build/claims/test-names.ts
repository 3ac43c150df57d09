import { parseSync } from 'vite'
import { type Tree, visit } from '../../../scripts/imports.ts'

/** Stands between the file of a test, what it is about, and its title. */
const INTO = ' › '
/** What a title takes from elsewhere: `${name}`, and of `it.each` `%s` or `$name`. */
const HOLE = /\$\{\}|%[sdifjoOc#$]|\$[\w.]+/

/** The tests of a file by the titles that lead to each, as `describe › it`. */
export interface TestNames {
  /**
   * Whether there is such a test. What fills the holes of a title must be written somewhere in the file; `…` fills each.
   */
  has(name: string): boolean
}

/** Reads the titles of all `describe`, `it` and `test` of a file. */
export function testNames(path: string, text: string): TestNames {
  const patterns: RegExp[] = []
  collect(parseSync(path, text).program, [], patterns)
  const plainText = text.replaceAll(/(?<=\d)_(?=\d)/g, '').replaceAll("\\'", "'")
  return {
    has: (name) =>
      patterns.some((pattern) =>
        pattern
          .exec(name)
          ?.slice(1)
          .every((value) => value === '…' || plainText.includes(value)),
      ),
  }
}

/** Goes through the calls below `node`, each `describe` with its title around what is in it. */
function collect(node: unknown, around: readonly string[], patterns: RegExp[]): void {
  visit(node, (call) => {
    const kind = call.type === 'CallExpression' ? kindOf(call['callee'] as Tree) : undefined
    if (kind === undefined) return true
    const [title, ...rest] = call['arguments'] as Tree[]
    const titles = [...around, patternOf(title!)]
    if (kind === 'describe') collect(rest, titles, patterns)
    else patterns.push(new RegExp(`^${titles.join(INTO)}$`, 's'))
    return false
  })
}

/** Whether this calls `describe`, or `it` or `test`, alone or as `it.each(…)` or `describe.skipIf(…)`. */
function kindOf(callee: Tree): 'describe' | 'it' | undefined {
  if (callee.type === 'CallExpression') return kindOf(callee['callee'] as Tree)
  if (callee.type === 'TaggedTemplateExpression') return kindOf(callee['tag'] as Tree)
  if (callee.type === 'MemberExpression') return kindOf(callee['object'] as Tree)
  if (callee.type !== 'Identifier') return undefined
  return callee['name'] === 'describe'
    ? 'describe'
    : /^(?:it|test)$/.test(String(callee['name']))
      ? 'it'
      : undefined
}

/** What a title matches: its own text, with anything in its holes, or anything where it is made elsewhere. */
function patternOf(title: Tree): string {
  const text =
    title.type === 'TemplateLiteral'
      ? (title['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('${}')
      : title.value
  if (typeof text !== 'string') return '(.+?)'
  return text
    .split(HOLE)
    .map((piece) => piece.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    .join('(.+?)')
}
