/**
 * The command line of Reliable Channels: `rc`, and what looks into frames, as a function.
 *
 * @packageDocumentation
 */
export type { Host } from './host.ts'
export { type InspectOptions, type SealedPart, inspectFrame } from './inspect/inspect-frame.ts'
export type { Opening } from './inspect/describe-sealed.ts'
export type {
  FieldValue,
  Flaw,
  InspectedField,
  InspectedLayer,
  Inspection,
  LayerKind,
} from './inspect/inspection.ts'
export { runRc } from './run-rc.ts'
