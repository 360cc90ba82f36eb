import { createServer } from 'node:http';

/**
 * A gateway that does nothing but answer, in a process of its own: what a request costs beyond it is the client's. A query
 * and a refund are answered with the same transaction, whatever its reference; stripe's client gets an object of its own.
 */
const transaction = (cartId: string, type: string) =>
  JSON.stringify({
    tran_ref: 'TST2625600001240',
    previous_tran_ref: 'TST2625600001234',
    tran_type: type,
    cart_id: cartId,
    cart_description: 'One ticket returned',
    cart_currency: 'AED',
    cart_amount: '49.50',
    tran_currency: 'AED',
    tran_total: '49.50',
    customer_details: { name: 'Sara Haddad', email: 'sara@example.com', country: 'AE' },
    payment_result: {
      response_status: 'A',
      response_code: 'G44735',
      response_message: 'Authorised',
      transaction_time: '2026-09-13T09:02:15Z',
    },
    payment_info: {
      payment_method: 'Visa',
      card_type: 'Credit',
      card_scheme: 'Visa',
      payment_description: '4111 11## #### 1111',
      expiryMonth: 11,
      expiryYear: 2030,
    },
    serviceId: 1,
    paymentChannel: 'Transaction API',
    profileId: 98765,
    merchantId: 1234,
    trace: 'PMNT0402.6A000A17.00000C11',
  });

const refundOfStripe = JSON.stringify({
  id: 're_1',
  object: 'refund',
  amount: 4950,
  currency: 'aed',
  payment_intent: 'pi_1',
  status: 'succeeded',
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('latin1');
    const cartId = /"cart_id":"([^"]*)"/.exec(body)?.[1] ?? 'order-1';
    const isPayTabs = request.url?.startsWith('/payment/') === true;
    const type = request.url === '/payment/query' ? 'Sale' : 'Refund';
    const answer = isPayTabs ? transaction(cartId, type) : refundOfStripe;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
