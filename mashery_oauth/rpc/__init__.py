"""JSON-RPC: HTTP bodies to methods and back. The only part that knows jsonrpcserver."""
