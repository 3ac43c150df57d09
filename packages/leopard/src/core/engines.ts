import type { Engine } from './engine.ts'
import { TypeScriptEngine16 } from './typescript-engine16.ts'
import { TypeScriptEngine8 } from './typescript-engine8.ts'
import { wasmEngine } from './wasm-engine.ts'

/** Supplies the engine of a field. */
export type EngineOf = (bits: 8 | 16) => Engine

/** Engines on WebAssembly where it can be had, else on TypeScript. Each is made at first use and kept. */
export const bestEngine: EngineOf = kept((bits) => wasmEngine(bits) ?? newTypeScriptEngine(bits))

/** Engines on TypeScript. */
export const typeScriptEngine: EngineOf = kept(newTypeScriptEngine)

function newTypeScriptEngine(bits: 8 | 16): Engine {
  return bits === 8 ? new TypeScriptEngine8() : new TypeScriptEngine16()
}

function kept(make: EngineOf): EngineOf {
  const engines = new Map<8 | 16, Engine>()
  return (bits) => {
    const engine = engines.get(bits) ?? make(bits)
    engines.set(bits, engine)
    return engine
  }
}
