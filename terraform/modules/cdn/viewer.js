// Runs at CloudFront for each request. src/entrypoints/http/cdn.py only trusts these headers together with the secret.
function handler(event) {
  var request = event.request;
  request.headers['x-viewer-address'] = { value: event.viewer.ip };
  request.headers['x-viewer-host'] = { value: request.headers.host.value };
  return request;
}
