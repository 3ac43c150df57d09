import type { AbstractLevel } from 'abstract-level'
import type { BrowserLevel } from 'browser-level'
import type { ClassicLevel } from 'classic-level'
import { expectTypeOf, it } from 'vitest'
import type { LevelDatabase } from './level-database.ts'

it('takes every database of the family as a LevelDatabase, whatever its encodings', () => {
  expectTypeOf<AbstractLevel<Buffer | Uint8Array | string>>().toExtend<LevelDatabase>()
  expectTypeOf<AbstractLevel<string, number, { json: true }>>().toExtend<LevelDatabase>()
  expectTypeOf<ClassicLevel>().toExtend<LevelDatabase>()
  expectTypeOf<BrowserLevel<string, Uint8Array>>().toExtend<LevelDatabase>()
})
