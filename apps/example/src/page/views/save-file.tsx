import type { ReactNode } from 'react'
import type { ChatMessage } from '../world/chat-message.ts'
import { urlOf } from './bubble.tsx'

/** Takes a file out of the conversation. */
export function SaveFile({ message }: { readonly message: ChatMessage }): ReactNode {
  return (
    <p>
      <a href={urlOf(message)} download={message.text}>
        Save the file
      </a>
    </p>
  )
}
