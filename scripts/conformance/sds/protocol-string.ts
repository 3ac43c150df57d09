import { decodeText, encodeText } from '../../../packages/wire/src/core/text.ts'
import { bytesOf, hexOf } from '../checker.ts'

/** A protocol string: text, or its bytes when they are no UTF-8. */
export type ProtocolString = string | { readonly hex: string }

export const stringOf = (value: ProtocolString): string =>
  typeof value === 'string' ? value : decodeText(bytesOf(value.hex))

export const asProtocolString = (value: string): ProtocolString =>
  value.isWellFormed() ? value : { hex: hexOf(encodeText(value)) }
