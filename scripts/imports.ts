import { parseSync } from 'vite'

/** One import of a source file. */
export interface Import {
  /** As written: `rxjs`, `./stage.ts`, `@reliable-channels/store`. */
  readonly specifier: string
  /** Line of the file, from 1. */
  readonly line: number
}

/** The facts of a source file that the scripts want to know. */
export interface Source {
  /** Static, dynamic and type imports, and re-exports. */
  readonly imports: readonly Import[]
  /** The text of each comment, and the line it begins at. */
  readonly comments: readonly { readonly text: string; readonly line: number }[]
}

/** A part of the syntax tree. */
export interface Tree {
  readonly type?: string
  readonly start?: number
  readonly end?: number
  readonly [key: string]: unknown
}

/**
 * Parses a TypeScript file.
 *
 * @throws Error when it does not parse.
 */
export function parseSource(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]!.message}`)
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length
  const imports: Import[] = []
  visit(program, ({ type, source, argument }) => {
    const from = type === 'TSImportType' ? (source ?? argument) : carriesSource(type) ? source : undefined
    const literal = from as Tree | null | undefined
    if (typeof literal?.value === 'string')
      imports.push({ specifier: literal.value, line: lineAt(literal.start ?? 0) })
  })
  return { imports, comments: comments.map(({ value, start }) => ({ text: value, line: lineAt(start) })) }
}

function carriesSource(type: string | undefined): boolean {
  return (
    type === 'ImportDeclaration' ||
    type === 'ExportNamedDeclaration' ||
    type === 'ExportAllDeclaration' ||
    type === 'ImportExpression'
  )
}

/** Shows `seen` each node of a syntax tree, from the root; what is below one for which it returns `false` is left out. */
export function visit(value: unknown, seen: (node: Tree) => unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, seen)
  } else if (typeof value === 'object' && value !== null) {
    if ('type' in value && seen(value as Tree) === false) return
    for (const child of Object.values(value)) visit(child, seen)
  }
}

/** The package that a bare specifier names, or `undefined` for a relative one or a `node:` module. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('node:'))
    return undefined
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}
