/**
 * Metrics and traces of a channel, for OpenTelemetry.
 *
 * @packageDocumentation
 */
export { type ObserveOptions, observeChannel } from './opentelemetry/observe-channel.ts'
