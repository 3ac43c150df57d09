import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layerProblems } from './layers.ts'

describe('the layer rule', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layers-'))
    write('package.json', JSON.stringify({ name: 'root', devDependencies: { vitest: '1' } }))
    addPackage('store')
    addPackage('stage', { dependencies: { '@reliable-channels/store': '1' } })
    addPackage('sds', { dependencies: { '@reliable-channels/stage': '1' }, peerDependencies: { rxjs: '7' } })
    addPackage('segmentation')
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  const addPackage = (name: string, manifest: object = {}): void => {
    write(
      `packages/${name}/package.json`,
      JSON.stringify({ name: `@reliable-channels/${name}`, ...manifest }),
    )
  }

  it('has nothing against imports that are allowed and declared', () => {
    write('packages/sds/src/a.ts', `import { NO_STEP } from '@reliable-channels/stage'\nimport './b.ts'`)
    write('packages/sds/src/a.test.ts', `import 'vitest'\nimport 'node:fs'\nimport '@reliable-channels/sds'`)
    expect(layerProblems(root)).toEqual([])
  })

  it('catches a stage that imports another, by a type, in a test, or dynamically', () => {
    addPackage('sds', { dependencies: { '@reliable-channels/segmentation': '1' } })
    write('packages/sds/src/a.ts', `\nexport type { Segment } from '@reliable-channels/segmentation/core'`)
    write('packages/sds/src/a.test.ts', `await import('@reliable-channels/segmentation')`)
    write('packages/sds/src/b.ts', `export type S = import('@reliable-channels/segmentation').Segment`)
    const problem = 'sds must not import @reliable-channels/segmentation'
    expect(layerProblems(root)).toEqual([
      `packages/sds/src/a.test.ts:1: ${problem}`,
      `packages/sds/src/a.ts:2: ${problem}`,
      `packages/sds/src/b.ts:1: ${problem}`,
    ])
  })

  it('catches files of a package that import each other, by a type too', () => {
    write('packages/sds/src/a.ts', `import type { B } from './core/b.ts'`)
    write('packages/sds/src/core/b.ts', `export type { C } from '../c.ts'`)
    write('packages/sds/src/c.ts', `import { a } from './a.ts'\nimport './d.ts'`)
    write('packages/sds/src/d.ts', `export const d = 1`)
    expect(layerProblems(root)).toEqual([
      'packages/sds: files import each other: src/a.ts → src/core/b.ts → src/c.ts → src/a.ts',
    ])
  })

  it('lets a circle be that is named, and catches a name of one that is not there', () => {
    write('packages/sds/src/a.ts', `import type { B } from './b.ts'`)
    write('packages/sds/src/b.ts', `import { a } from './a.ts'`)
    const circle = 'packages/sds: src/a.ts → src/b.ts'
    expect(layerProblems(root, [circle])).toEqual([])
    write('packages/sds/src/b.ts', 'export type B = 1')
    expect(layerProblems(root, [circle])).toEqual([
      `${circle} is no circle any more: take it off those that may be (scripts/layers.ts)`,
    ])
  })

  it('catches @waku/* outside the packages for Waku', () => {
    addPackage('sds', { dependencies: { '@waku/sds': '1' } })
    addPackage('transport-waku', { dependencies: { '@waku/sdk': '1' } })
    write('packages/sds/src/a.ts', `import '@waku/sds'`)
    write('packages/transport-waku/src/a.ts', `import '@waku/sdk'`)
    expect(layerProblems(root)).toEqual([
      'packages/sds/src/a.ts:1: imports @waku/sds, which is for the Waku packages',
    ])
  })

  it('catches an import that is not declared, and one that is declared for development alone', () => {
    addPackage('sds', { devDependencies: { rxjs: '7' } })
    write('packages/sds/src/a.ts', `import 'rxjs'\nimport 'vitest'`)
    write('packages/sds/src/a.test.ts', `import 'rxjs'\nimport 'lodash'`)
    expect(layerProblems(root)).toEqual([
      'packages/sds/src/a.test.ts:2: imports lodash, which its package.json does not declare',
      'packages/sds/src/a.ts:1: imports rxjs, which its package.json does not declare as a dependency',
      'packages/sds/src/a.ts:2: imports vitest, which its package.json does not declare as a dependency',
    ])
  })

  it('catches a cycle that only a test or a declaration closes', () => {
    write('packages/store/src/a.test.ts', `import '@reliable-channels/stage'`)
    expect(layerProblems(root)).toEqual([
      'packages/store/src/a.test.ts:1: store must not import @reliable-channels/stage',
      'cycle between packages: @reliable-channels/stage → @reliable-channels/store → @reliable-channels/stage',
    ])
  })

  it('catches a way out of the package, a node: module, and a package without a layer', () => {
    addPackage('news')
    write('packages/stage/src/a.ts', `import '../../store/src/index.ts'\nimport 'node:fs'`)
    expect(layerProblems(root)).toEqual([
      'packages/news: has no layer; give it one in scripts/layers.ts',
      'packages/stage/src/a.ts:1: imports ../../store/src/index.ts, which lies outside the package',
      'packages/stage/src/a.ts:2: imports node:fs, and the package must run in a browser',
    ])
  })
})
