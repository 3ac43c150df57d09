import type { Output } from '../output.ts'
import type { Flaw, InspectedLayer, Inspection } from './inspection.ts'
import { sizeOf } from './show.ts'

/** Prints a frame, layer by layer. */
export function tellInspection({ layers, isSound }: Inspection, output: Output): void {
  for (const [index, layer] of layers.entries()) {
    output.emit({ event: 'layer', ...layer }, `${index > 0 ? '\n' : ''}${layerText(layer, output)}`)
  }
  const verdict = isSound
    ? output.style('green', 'nothing is wrong with it')
    : output.style('red', problemCount(layers))
  output.emit({ event: 'verdict', isSound }, `\n${verdict}`)
}

function layerText({ title, lengthBytes, fields, flaws }: InspectedLayer, { style }: Output): string {
  const rows = fields.map(({ offset, number, name, text }) => [
    String(offset),
    number === undefined ? '' : String(number),
    name,
    text,
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  return [
    `${style('bold', title)}  ${style('dim', sizeOf(lengthBytes))}`,
    ...rows.map(([offset = '', number = '', name = '', text = '']) => {
      const place = `${offset.padStart(widths[0]!)}  ${number.padStart(widths[1]!)}`
      return `  ${style('dim', place)}  ${name.padEnd(widths[2]!)}  ${text}`
    }),
    ...flaws.map((flaw) => `  ${flawText(flaw, style)}`),
  ].join('\n')
}

function flawText({ severity, message, offset }: Flaw, style: Output['style']): string {
  const place = offset === undefined ? '' : `at ${offset}: `
  return severity === 'error' ? style('red', `✗ ${place}${message}`) : style('yellow', `! ${place}${message}`)
}

function problemCount(layers: readonly InspectedLayer[]): string {
  const count = layers.flatMap(({ flaws }) => flaws).filter(({ severity }) => severity === 'error').length
  return count === 1 ? 'one thing is wrong with it' : `${count} things are wrong with it`
}
