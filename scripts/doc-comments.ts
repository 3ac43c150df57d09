import { parseSync } from 'vite'
import { type Tree, visit } from './imports.ts'

/** A documentation comment, taken apart. */
export interface Doc {
  /** The text before the first tag, on one line; links are code. */
  readonly text: string
  /** The last text of each tag: `default`, `limit`, `throws`. */
  readonly tags: ReadonlyMap<string, string>
}

/** A property of a type. */
export interface Property {
  readonly name: string
  readonly isOptional: boolean
  readonly isNumber: boolean
  readonly doc: Doc
  readonly line: number
}

/** An interface or a type alias of a source file. */
export interface TypeDeclaration {
  readonly name: string
  readonly doc: Doc
  readonly properties: readonly Property[]
  /** The types that it names. */
  readonly mentions: ReadonlySet<string>
}

/** A constant of a source file. */
export interface Constant {
  readonly name: string
  /** As written. */
  readonly value: string
  readonly doc: Doc
  readonly line: number
}

/** The declarations of a source file, with their documentation. */
export interface Declarations {
  readonly types: readonly TypeDeclaration[]
  readonly constants: readonly Constant[]
  /** Names that the file exports, here or from elsewhere. */
  readonly exported: ReadonlySet<string>
  /** Numbers that the code takes for a name where nothing is given: `{ name = 5 }`, `options.name ?? 5`, `DEFAULTS = { name: 5 }`. */
  readonly defaults: readonly { readonly name: string; readonly value: number }[]
}

/**
 * Reads the declarations of a TypeScript file.
 *
 * @throws Error when it does not parse.
 */
export function readDeclarations(path: string, source: string): Declarations {
  const { program, comments, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]!.message}`)
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
  const docOf = (start: number): Doc => {
    const before = docs.findLast(({ end }) => end <= start)
    const isAbove = before !== undefined && /^\s*$/.test(source.slice(before.end, start))
    return parseDoc(isAbove ? before.value : '')
  }
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length
  const types: TypeDeclaration[] = []
  const constants: Constant[] = []
  const exported = new Set<string>()
  for (const statement of program.body) {
    const isExport = statement.type === 'ExportNamedDeclaration'
    if (isExport) for (const { exported: name } of statement.specifiers) exported.add(nameOf(name))
    const declaration = (isExport ? statement.declaration : statement) as Tree | null
    if (declaration?.type === 'TSInterfaceDeclaration' || declaration?.type === 'TSTypeAliasDeclaration') {
      const name = nameOf(declaration.id)
      if (isExport) exported.add(name)
      types.push({ name, doc: docOf(statement.start), ...membersOf(declaration, docOf, lineAt) })
    }
    if (declaration?.type === 'VariableDeclaration') {
      for (const { id, init } of declaration.declarations as readonly Tree[]) {
        const value = init as Tree | null
        if ((id as Tree).type !== 'Identifier' || value === null) continue
        constants.push({
          name: nameOf(id),
          value: source.slice(value.start, value.end),
          doc: docOf(statement.start),
          line: lineAt(statement.start),
        })
      }
    }
  }
  return { types, constants, exported, defaults: defaultsIn(program) }
}

function defaultsIn(program: unknown): { name: string; value: number }[] {
  const found: { name: string; value: number }[] = []
  const add = (name: unknown, expression: unknown): void => {
    const value = numberOf(expression as Tree)
    if (typeof name === 'string' && value !== undefined) found.push({ name, value })
  }
  visit(program, (node) => {
    const { type, left, right, operator, id, init } = node as Tree & Record<'left' | 'right', Tree>
    if (type === 'AssignmentPattern') add(left['name'], right)
    if (type === 'LogicalExpression' && operator === '??')
      add((left['property'] as Tree | undefined)?.['name'], right)
    if (type === 'VariableDeclarator' && /(?:^|_)DEFAULTS$/.test(nameOf(id))) {
      visit(init, (property) => {
        if (property.type === 'Property') add((property['key'] as Tree)['name'], property['value'])
      })
    }
  })
  return found
}

/** The value of an expression of numbers; `undefined` when it has anything else in it. */
function numberOf({ type, value, operator, left, right }: Tree): number | undefined {
  if (type === 'Literal' && typeof value === 'number') return value
  if (type !== 'BinaryExpression') return undefined
  const [a, b] = [numberOf(left as Tree), numberOf(right as Tree)]
  if (a === undefined || b === undefined) return undefined
  return operator === '*'
    ? a * b
    : operator === '**'
      ? a ** b
      : operator === '+'
        ? a + b
        : operator === '-'
          ? a - b
          : undefined
}

/** Takes the text between `/*` and its end apart. A tag is a word after `@` at the beginning of a word. */
export function parseDoc(comment: string): Doc {
  const plain = comment
    .replace(/^\*/, '')
    .replaceAll(/\n\s*\*/g, '\n')
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const [text = '', ...rest] = plain.split(/(?:^|\s)@(?=[a-z]+(?:\s|$))/)
  const tags = new Map(
    rest.map((tag) => {
      const end = tag.search(/\s|$/)
      return [tag.slice(0, end), tag.slice(end).trim()] as const
    }),
  )
  return { text: text.trim(), tags }
}

function membersOf(
  declaration: Tree,
  docOf: (start: number) => Doc,
  lineAt: (offset: number) => number,
): { properties: Property[]; mentions: Set<string> } {
  const properties: Property[] = []
  const mentions = new Set<string>()
  visit(declaration, (node) => {
    if (node.type === 'Identifier') mentions.add(nameOf(node))
    if (node.type !== 'TSPropertySignature') return
    let isNumber = false
    visit(node.typeAnnotation, ({ type }) => {
      if (type === 'TSFunctionType') return false
      if (type === 'TSNumberKeyword') isNumber = true
      return true
    })
    const start = node.start ?? 0
    properties.push({
      name: nameOf(node.key),
      isOptional: node.optional === true,
      isNumber,
      doc: docOf(start),
      line: lineAt(start),
    })
  })
  return { properties, mentions }
}

function nameOf(node: unknown): string {
  const { name, value } = node as { readonly name?: string; readonly value?: unknown }
  return name ?? String(value)
}
