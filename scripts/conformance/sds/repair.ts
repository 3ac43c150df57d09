import { inResponseGroup, requestDelayMs, responseDelayMs } from '../../../packages/sds/src/core.ts'
import { type CaseResult, compare } from '../checker.ts'
import { type ProtocolString, stringOf } from './protocol-string.ts'

export interface RepairCases {
  readonly tReq: readonly {
    participantId: ProtocolString
    messageId: ProtocolString
    tMinMs: number
    tMaxMs: number
    resultMs: number
  }[]
  readonly tResp: readonly {
    participantId: ProtocolString
    senderId: ProtocolString
    messageId: ProtocolString
    tMaxMs: number
    resultMs: number
  }[]
  readonly responseGroup: readonly {
    participantId: ProtocolString
    senderId: ProtocolString
    messageId: ProtocolString
    inGroup: Record<string, boolean>
  }[]
}

export function checkRequestDelay(name: string, one: RepairCases['tReq'][number]): CaseResult {
  const actual = requestDelayMs('nim', stringOf(one.participantId), stringOf(one.messageId), one)
  return compare(name, actual, one.resultMs)
}

export function checkResponseDelay(name: string, one: RepairCases['tResp'][number]): CaseResult {
  const { participantId, senderId, messageId, tMaxMs, resultMs } = one
  const ids = [stringOf(participantId), stringOf(senderId), stringOf(messageId)] as const
  return compare(name, responseDelayMs('nim', ...ids, tMaxMs), resultMs)
}

export function checkGroup(name: string, one: RepairCases['responseGroup'][number]): CaseResult {
  const groups = Object.keys(one.inGroup)
  const actual = groups.map((group) =>
    inResponseGroup(
      'nim',
      stringOf(one.participantId),
      stringOf(one.senderId),
      stringOf(one.messageId),
      Number(group),
    ),
  )
  return compare(
    name,
    actual,
    groups.map((group) => one.inGroup[group]),
  )
}
