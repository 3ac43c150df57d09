import { type FormEvent, type ReactNode, useId, useState } from 'react'
import type { Session } from '../session.ts'
import { type PeerName, TITLES } from '../world/settings.ts'
import { sendFile } from './send-file.ts'

/** Where the visitor writes as one of the peers. */
export function Composer({
  session,
  peer,
}: {
  readonly session: Session
  readonly peer: PeerName
}): ReactNode {
  const [text, setText] = useState('')
  const fileId = useId()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (text.trim() === '') return
    session.world.say(peer, { kind: 'text', text: text.trim() })
    setText('')
  }
  return (
    <form className="composer" onSubmit={submit}>
      <input
        value={text}
        maxLength={2_000}
        placeholder="Write or drop a file"
        aria-label={`Write as ${TITLES[peer]}`}
        onChange={({ target }) => setText(target.value)}
      />
      <input
        id={fileId}
        type="file"
        className="visually-hidden"
        aria-label={`Send a file as ${TITLES[peer]}`}
        onChange={({ target }) => {
          for (const file of target.files ?? []) void sendFile(session, peer, file)
          target.value = ''
        }}
      />
      <label htmlFor={fileId} className="quiet" title="Send a file" aria-hidden="true">
        File
      </label>
      <button type="submit" className="primary" aria-label={`Send as ${TITLES[peer]}`}>
        Send
      </button>
    </form>
  )
}
