import type { ClickHouseSettings } from "@clickhouse/client";

/** The server is given a little longer, so that it is this side that ends a statement and knows why. */
const SERVER_MARGIN_S = 5;

/** Settings of every statement; `buffered` for all but streams: the status line then tells how it really ended. */
export function baseSettings(
  name: string,
  timeoutMs: number,
  buffered: boolean,
): ClickHouseSettings {
  return {
    log_comment: name,
    max_execution_time: Math.ceil(timeoutMs / 1000) + SERVER_MARGIN_S,
    date_time_output_format: "iso",
    date_time_input_format: "best_effort",
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
    output_format_json_quote_denormals: 1,
    input_format_skip_unknown_fields: 0,
    async_insert: 0,
    // Of a read over all servers: what belongs together is on one of them, so each joins its own. Elsewhere it means nothing.
    distributed_product_mode: "local",
    ...(buffered
      ? {
          wait_end_of_query: 1,
          // A header now and then keeps the socket of a long statement from being taken for a dead one.
          send_progress_in_http_headers: 1,
          http_headers_progress_interval_ms: "10000",
        }
      : {}),
  };
}
