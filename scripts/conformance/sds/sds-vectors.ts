import { type CaseResult, type Checker, attempt, given } from '../checker.ts'
import { type BloomCase, type BloomDecodeCase, checkBloom, checkBloomDecode } from './filters.ts'
import { type HashCase, type HashNCase, checkHash, checkHashN } from './hashes.ts'
import type { NimLine } from './nim-line.ts'
import { type DecodeCase, type MessageCase, checkDecode, checkMessage } from './messages.ts'
import { type RepairCases, checkGroup, checkRequestDelay, checkResponseDelay } from './repair.ts'
import { type RollingCase, checkRolling } from './rolling-filters.ts'

interface SdsDocument {
  readonly meta: { readonly nimSdsLine: string }
  readonly hash?: readonly HashCase[]
  readonly hashN?: readonly HashNCase[]
  readonly bloom?: readonly BloomCase[]
  readonly bloomDecode?: readonly BloomDecodeCase[]
  readonly rollingBloom?: readonly RollingCase[]
  readonly messages?: readonly MessageCase[]
  readonly decode?: readonly DecodeCase[]
  readonly repair?: RepairCases
}

/** Outputs of nim-sds: hashes, filters, messages, what its decoder takes, times of SDS-R. */
export const sdsVectors: Checker = {
  name: 'SDS vectors',
  recognises: (document) => lineOf(document) !== undefined,
  *check(document) {
    const line = lineOf(document)!
    const vectors = document as SdsDocument
    yield* each('hash', vectors.hash, checkHash)
    yield* each('hashN', vectors.hashN, checkHashN)
    yield* each('bloom', vectors.bloom, checkBloom)
    yield* each('bloomDecode', vectors.bloomDecode, (name, one) => checkBloomDecode(name, one, line))
    yield* each('rollingBloom', vectors.rollingBloom, checkRolling)
    // Messages are written as the present line writes them, whichever line the file is of.
    if (line !== 'present' && vectors.messages !== undefined) {
      yield { name: 'messages, encoded', unchecked: 'we write as the present line does', onPurpose: true }
    }
    yield* each('messages', vectors.messages, (name, one) => checkMessage(name, one, line))
    yield* each('decode', vectors.decode, (name, one) => checkDecode(name, one, line))
    if (vectors.repair === undefined) return
    yield* each('repair.tReq', vectors.repair.tReq, checkRequestDelay)
    yield* each('repair.tResp', vectors.repair.tResp, checkResponseDelay)
    yield* each('repair.responseGroup', vectors.repair.responseGroup, checkGroup)
  },
  apart: {
    defaultConfig: 'the defaults of the reference, not ours',
    'bloom[].forceNBitsPerElem':
      'an option of the reference alone; the sizes that follow from it are taken from the file',
    'rollingBloom[].idRule': 'in words',
    'messages[].extractChannelId': 'nothing here reads the channel of what it cannot decode',
    'messages[].decodeError': 'the words of the reference',
    'decode[].extractChannelId': 'nothing here reads the channel of what it cannot decode',
    'decode[].error': 'the words of the reference',
    'repair.hash': 'in words',
    'repair.tReqFormula': 'in words',
    'repair.tRespFormula': 'in words',
    'repair.groupFormula': 'in words',
  },
}

function lineOf(document: unknown): NimLine | undefined {
  const line = (document as { meta?: { nimSdsLine?: unknown } } | null)?.meta?.nimSdsLine
  if (line === 'master') return 'present'
  return line === 'v0.4' ? line : undefined
}

function* each<T>(
  section: string,
  cases: readonly T[] | undefined,
  check: (name: string, one: T) => CaseResult,
): Iterable<CaseResult> {
  for (const [index, one] of (cases ?? []).entries()) {
    const { name: label } = one as { name?: string }
    const name = `${section}[${index}]${label === undefined ? '' : ` ${label}`}`
    if (section === 'bloom' && given((one as { error?: string }).error)) {
      const unchecked = `no such option here: ${JSON.stringify(one)}`
      yield { name, unchecked, onPurpose: true }
      continue
    }
    yield attempt(name, () => check(name, one))
  }
}
