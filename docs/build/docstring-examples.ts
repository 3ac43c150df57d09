import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { SCOPE, publishedPackages, sourceFiles } from '../../scripts/project.ts'

/** The example of a docstring. */
export interface DocstringExample {
  /** File and line. */
  readonly at: string
  readonly code: string
  /** It is of a component. */
  readonly isJsx: boolean
}

/** What the compiler has against an example. */
export interface ExampleProblem {
  readonly at: string
  readonly problem: string
}

const DOCSTRING = /^ *\/\*\*.*?\*\//gms
/** What an example imports of the application that it stands in. */
const OWN_IMPORT = /^import .* from '\..*$/gm
const EXAMPLE = /@example\n(?<code>.*?)(?=^\s*@\w|(?![^]))/gms

/** The examples in the docstrings of the published packages. */
export function docstringExamples(root: string): DocstringExample[] {
  return publishedPackages(root).flatMap(({ folder }) =>
    sourceFiles(join(root, folder), 'src/**/*.{ts,tsx}')
      .filter((path) => !/\.(?:test|bench|generated)\.tsx?$/.test(path))
      .flatMap((path) =>
        examplesIn(posix.join(folder, path), readFileSync(join(root, folder, path), 'utf8')),
      ),
  )
}

/** The examples in one file. */
export function examplesIn(file: string, source: string): DocstringExample[] {
  return [...source.matchAll(DOCSTRING)].flatMap(({ 0: comment, index }) => {
    const text = comment.replaceAll(/^ *\/?\*+\/? ?/gm, '')
    return [...text.matchAll(EXAMPLE)].map(({ groups, index: within }) => ({
      at: `${file}:${source.slice(0, index).split('\n').length + text.slice(0, within).split('\n').length - 1}`,
      code: groups!['code']!.trim().replace(/^```\w*\n([^]*?)\n```[^]*$/, '$1'),
      isJsx: groups!['code']!.trim().startsWith('```tsx'),
    }))
  })
}

/**
 * Compiles examples as somebody would write them: names that the packages export are imported, and what an example takes for
 * granted (`transport`, `options`) may be anything.
 */
export function checkExamples(root: string, examples: readonly DocstringExample[]): ExampleProblem[] {
  const entries = entryPoints(root)
  const options = compilerOptions(root, entries)
  const names = exportedNames(entries, options)
  const areJsx = examples.map(({ isJsx }) => isJsx)
  const bodies = examples.map(({ code, isJsx }) => {
    const text = code.replaceAll(OWN_IMPORT, '')
    return importsOf(text, names) + (isJsx ? `export function Component(): any {\n${text}\n}` : text)
  })
  const first = compile(root, options, bodies, areJsx)
  const granted = first.map((diagnostics) => new Set(diagnostics.flatMap(unknownName)))
  const second = compile(
    root,
    options,
    bodies.map((body, i) => `${[...granted[i]!].map(anything).join('')}${body}`),
    areJsx,
  )
  return examples.flatMap(({ at, code }, i) => [
    ...[...granted[i]!]
      .filter(
        (name) =>
          new RegExp(`(?<![.\\w])${name.replace('$', '\\$')}\\(`).test(code) && !LEFT_TO_READER.has(name),
      )
      .map((name) => ({ at, problem: `calls ${name}, which no package exports` })),
    ...second[i]!.map(({ messageText }) => ({
      at,
      problem: ts.flattenDiagnosticMessageText(messageText, ' '),
    })),
  ])
}

/** What examples take for granted and mean a thing of ours by. */
const GIVEN: Readonly<Record<string, string>> = {
  channel: `import('@reliable-channels/channel').ReliableChannel`,
  chat: `import('@reliable-channels/messages').TypedChannel<any>`,
  store: `import('@reliable-channels/store').Store`,
  transport: `import('@reliable-channels/transport').Transport`,
}

/** What examples call and leave to the reader, or to other libraries. A name of ours that is gone is none of these. */
const LEFT_TO_READER = new Set(
  (
    'send show save log append report count delay create createDebounce createLibp2p createLightNode fetchIt checkOptions handOver ' +
    'openPort parseArgs myNetwork myStore showTicks box unbox BrowserLevel ClassicLevel'
  ).split(' '),
)

/** A name that an example takes for granted, as a value and as a type. */
const anything = (name: string): string =>
  `declare let ${name}: ${GIVEN[name] ?? 'any'}; type ${name} = ${GIVEN[name] ?? 'any'}; `

/** Source file of each entry, by what an import names. */
function entryPoints(root: string): Map<string, string> {
  return new Map(
    publishedPackages(root).flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
        const source = (target as Record<string, string>)[`${SCOPE}source`]
        const file = source === undefined ? '' : join(root, folder, source)
        return existsSync(file) ? [[posix.join(manifest.name, entry), file] as const] : []
      }),
    ),
  )
}

function compilerOptions(root: string, entries: ReadonlyMap<string, string>): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'docs/tsconfig.json'), ts.sys.readFile) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ['x.ts'] },
    ts.sys,
    join(root, 'docs'),
  )
  const paths = Object.fromEntries([...entries].map(([specifier, file]) => [specifier, [file]]))
  const jsx = ts.JsxEmit.Preserve
  return {
    ...options,
    paths,
    jsx,
    noImplicitReturns: false,
    noImplicitAny: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
}

/** The specifier that each exported name is imported from. */
function exportedNames(
  entries: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
): Map<string, string> {
  const program = ts.createProgram([...entries.values()], options)
  const checker = program.getTypeChecker()
  const names = new Map<string, string>()
  for (const [specifier, file] of entries) {
    const source = program.getSourceFile(file)
    const symbol = source && checker.getSymbolAtLocation(source)
    for (const { name } of symbol ? checker.getExportsOfModule(symbol) : []) {
      if (!names.has(name)) names.set(name, specifier)
    }
  }
  return names
}

/** What examples use of RxJS without a word. */
const RXJS = [
  'of',
  'map',
  'from',
  'merge',
  'filter',
  'Subject',
  'Observable',
  'firstValueFrom',
  'concatMap',
  'mergeMap',
  'timer',
  'asyncScheduler',
]

/** Imports what an example uses of the packages and of RxJS, and does not import for itself. */
function importsOf(code: string, names: ReadonlyMap<string, string>): string {
  const words = new Set(code.match(/(?<![.\w$])[A-Za-z_$][\w$]*/g))
  const declared = code.matchAll(/\b(?:const|let|function|class)\s+(\w+)/g)
  const imported = code.matchAll(/^import (?:type )?\{(.*)\} from/gm)
  const known = new Set(
    [...declared, ...imported].flatMap(([, list]) => list!.split(',').map((name) => name.trim())),
  )
  const isMeant = (name: string): boolean => words.has(name) && !known.has(name)
  const ours = [...names].filter(([name]) => isMeant(name))
  const theirs = RXJS.filter((name) => isMeant(name) && !names.has(name))
  const lines = [...ours, ...theirs.map((name) => [name, 'rxjs'] as const)]
  return `${lines.map(([name, specifier]) => `import { ${name} } from '${specifier}'; `).join('')}export {}; `
}

function compile(
  root: string,
  options: ts.CompilerOptions,
  texts: readonly string[],
  areJsx: readonly boolean[],
): ts.Diagnostic[][] {
  const files = new Map(
    texts.map(
      (text, i) => [join(root, `docs/examples/docstring-${i}.${areJsx[i] ? 'tsx' : 'ts'}`), text] as const,
    ),
  )
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file) ?? readFile(file)
  host.getSourceFile = (file, language, ...rest) => {
    const text = files.get(file)
    return text === undefined
      ? getSourceFile(file, language, ...rest)
      : ts.createSourceFile(file, text, language)
  }
  const program = ts.createProgram([...files.keys()], { ...options, verbatimModuleSyntax: false }, host)
  return [...files.keys()].map((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  })
}

/** A name that the compiler does not know. */
function unknownName({ code, messageText }: ts.Diagnostic): string[] {
  const text = ts.flattenDiagnosticMessageText(messageText, ' ')
  const name = /(?:Cannot find name|No value exists in scope for the shorthand property) '(\w+\$?)'/.exec(
    text,
  )?.[1]
  return name === undefined || ![2304, 2552, 18004, 2503].includes(code) ? [] : [name]
}
