import { isSpanContextValid, type Span, trace } from '@opentelemetry/api'
import type { AuditContext } from './context/audit-context.ts'
import { setContextAddition } from './context/written-context.ts'

const outside: AuditContext = Object.freeze({})
// The texts of a context are remembered by its object: a span's writes are to meet the same one.
const traced: WeakMap<Span, WeakMap<AuditContext, AuditContext>> = new WeakMap()

/**
 * From now on every write carries `trace: { traceId, spanId }`, of the OpenTelemetry span that is active when it is written, in its
 * context, also outside of {@link runWithAuditContext}. Without an active span the context stays as it is. It needs
 * `@opentelemetry/api`, and whatever SDK the application has registered there.
 *
 * Call it once, at start-up. It costs one look at the active span for each write.
 *
 * @returns What ends it.
 *
 * @example
 * import { recordActiveSpans } from '@indelible/core/opentelemetry'
 * recordActiveSpans()
 */
export function recordActiveSpans(): () => void {
  return setContextAddition(addActiveSpan)
}

function addActiveSpan(context: AuditContext | undefined): AuditContext | undefined {
  const span = trace.getActiveSpan()
  if (span === undefined) return context
  const spanContext = span.spanContext()
  return isSpanContextValid(spanContext) ? withTrace(context ?? outside, span) : context
}

function withTrace(context: AuditContext, span: Span): AuditContext {
  const known = traced.get(span) ?? new WeakMap<AuditContext, AuditContext>()
  traced.set(span, known)
  const added = known.get(context) ?? Object.freeze({ ...context, trace: identify(span) })
  known.set(context, added)
  return added
}

function identify(span: Span): NonNullable<AuditContext['trace']> {
  const { traceId, spanId } = span.spanContext()
  return Object.freeze({ traceId, spanId })
}
