import type { SendHandle, SendStatus } from '@reliable-channels/channel'
import { type Observable } from 'rxjs'
import type { FileToSend } from '../files/read-file.ts'
import type { ChatEntry } from './chat-log.ts'
import type { Member } from './open-member.ts'

/** A message that was sent, or is on its way again after a restart. */
export interface SentParcel {
  readonly message: ChatEntry
  readonly handle: SendHandle
  readonly status$: Observable<SendStatus>
}

/** Sends text; resolves when it is kept. */
export async function sendText(member: Member, text: string): Promise<SentParcel> {
  const handle = member.chat.send({ kind: 'text', text })
  return keep(member, handle, { kind: 'text', text, sentAt: handle.sentAt })
}

/** Sends a file; resolves when it is kept. One that is on its way already is not sent once more. */
export async function sendFile(member: Member, file: FileToSend): Promise<SentParcel> {
  const underWay = openParcels(member).find(({ message: { file: sent, text } }) => {
    return sent?.sha256 === file.sha256 && text === file.name
  })
  if (underWay !== undefined) return underWay
  await member.channel.ready(file.bytes.length)
  const handle = member.chat.send({ kind: 'file', name: file.name, bytes: file.bytes })
  return keep(member, handle, {
    kind: 'file',
    text: file.name,
    sentAt: handle.sentAt,
    file: { bytes: file.bytes.length, sha256: file.sha256 },
  })
}

/** What a restart brought back: not delivered yet, and on its way again. */
export function openParcels({ channel, log }: Member): SentParcel[] {
  return channel.requests.flatMap((handle) => {
    const message = log.get(handle.requestId)
    return message === undefined ? [] : [{ message, handle, status$: handle.status$ }]
  })
}

async function keep(
  { log, identity }: Member,
  handle: SendHandle,
  said: Pick<ChatEntry, 'kind' | 'text' | 'sentAt' | 'file'>,
): Promise<SentParcel> {
  await handle.accepted()
  const message = { id: handle.requestId, from: identity.name, isOwn: true, ...said }
  await log.put(message)
  return { message, handle, status$: handle.status$ }
}
