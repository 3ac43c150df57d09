import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT, SCOPE } from '../../scripts/project.ts'

/** Where the program would be that the compiler is shown. */
const FILE = join(PROJECT_ROOT, 'docs/test/program.ts')

/** What the compiler has against a program, in files that match, with the settings of a strict project. */
function complaints(code: string, files: RegExp, options: ts.CompilerOptions): string[] {
  const settings: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    customConditions: [`${SCOPE}source`],
    allowImportingTsExtensions: true,
    ...options,
  }
  const host = ts.createCompilerHost(settings)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => path === FILE || fileExists(path)
  host.getSourceFile = (path, target) =>
    path === FILE ? ts.createSourceFile(path, code, target) : getSourceFile(path, target)
  const program = ts.createProgram([FILE], settings, host)
  return program
    .getSourceFiles()
    .filter(({ fileName }) => files.test(fileName))
    .flatMap((file) => program.getSemanticDiagnostics(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

describe('a program in TypeScript', () => {
  const lib = ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts']

  it('needs the types of disposal among its libraries, and no other of what is to come', () => {
    const code = `import type { SimulatedNetwork } from '${SCOPE}simulator'
      export const close = (network: SimulatedNetwork) => network[Symbol.dispose]()`
    expect(complaints(code, /program\.ts$/, { lib, types: [] })).toContainEqual(
      expect.stringMatching(/'dispose' does not exist/),
    )
    expect(
      complaints(code, /program\.ts$/, { lib: [...lib, 'lib.esnext.disposable.d.ts'], types: [] }),
    ).toEqual([])
  })

  it('needs skipLibCheck where it has @waku/sdk', () => {
    const code = `export { createLightNode } from '@waku/sdk'`
    expect(complaints(code, /@waku\/[^/]*\/dist/, { lib, types: ['node'] })).not.toEqual([])
    expect(complaints(code, /@waku/, { lib, skipLibCheck: true, types: ['node'] })).toEqual([])
  })
})
