export {
  encodeParity,
  encodeParitySteps,
  implementation,
  recoverData,
  recoverDataSteps,
  type EncodeOptions,
  type Implementation,
  type StepOptions,
} from './core/leopard.ts'
export { LeopardCountError } from './core/code.ts'
export { LeopardNotEnoughShardsError, LeopardShardError, type ShardSet } from './core/shards.ts'
