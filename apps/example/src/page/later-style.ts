import { adoptStyle } from './adopt-style.ts'
import text from './later.css?inline'

// Once, whoever of those that come after the first paint is first.
adoptStyle(text)
