<?php

declare(strict_types=1);

/* One call of the SDK: reads what to do as JSON, writes what the SDK made of the answer. */

require __DIR__.'/loader.php';

use NestCms\Outside\SimulatorEndpoint;
use Paytabs\Sdk\Enums\TokenType;
use Paytabs\Sdk\Enums\TranClass;
use Paytabs\Sdk\Enums\TranType;
use Paytabs\Sdk\Paytabs;
use Paytabs\Sdk\Request\AbstractRequest;
use Paytabs\Sdk\Request\Payload\Parts\CustomerDetails;
use Paytabs\Sdk\Request\Payload\Parts\Token;
use Paytabs\Sdk\Request\Payload\Parts\TokenEnhanced;
use Paytabs\Sdk\Request\Payload\Parts\UserDefined;
use Paytabs\Sdk\Request\Payload\PayloadsFactory;
use Paytabs\Sdk\Request\Payload\Payloads\PaymentRequest;
use Paytabs\Sdk\Request\RequestsFactory;
use Paytabs\Sdk\Response\Payload\Payloads\Payment\Completed;
use Paytabs\Sdk\Response\Payload\Payloads\Payment\CompletedArray;
use Paytabs\Sdk\Response\Payload\Payloads\Paytabs as Answer;
use Paytabs\Sdk\Response\ResponseDirectInterface;

function withCart(PaymentRequest $payload, array $asked): PaymentRequest
{
    return $payload->buildCart($asked['cartId'], $asked['currency'], $asked['amount'], $asked['description']);
}

function page(array $asked): AbstractRequest
{
    $customer = CustomerDetails::init('Sara Haddad', '+971500000000', $asked['email'])
        ->setAddress('AE', 'DU', 'Dubai', '12 Palm St', '00000')
        ->setIp('203.0.113.10')
    ;
    $page = PayloadsFactory::createHostedPage()
        ->buildTransaction(TranType::get($asked['type']))
        ->buildURLs($asked['returnUrl'], $asked['callbackUrl'], $asked['usingGet'] ?? false)
        ->buildCustomerDetails($customer)
        ->buildHideShipping()
        ->buildPaypageConfig('en')
        ->buildPaymentMethod('all')
        ->buildTokenise($asked['tokenise'] ?? false)
        ->buildUserDefined(UserDefined::init()->setUDF1('tenant-7'))
    ;

    return RequestsFactory::createPaymentRequest(withCart($page, $asked));
}

function followUp(array $asked): AbstractRequest
{
    $payload = 'refund' === $asked['type']
        ? PayloadsFactory::createRefund()
        : PayloadsFactory::createFollowup()->buildTransaction(TranType::get($asked['type']));

    return RequestsFactory::createPaymentRequest(
        withCart($payload->buildTransactionRef($asked['tranRef']), $asked)
    );
}

function charge(array $asked): AbstractRequest
{
    $payload = PayloadsFactory::createRecurringPayment()
        ->buildTransaction(TranType::Sale, TranClass::Recurring)
    ;
    $payload = 'enhanced' === $asked['form']
        ? $payload->buildTokenEnhanced(TokenEnhanced::init($asked['token'], TokenType::RecurringFixed, 2))
        : $payload->buildToken(new Token($asked['token']));

    return RequestsFactory::createPaymentRequest(withCart($payload, $asked));
}

function completed(Completed $answer): array
{
    $result = $answer->payment_result ?? null;

    return [
        'kind' => null === $result ? 'other' : 'completed',
        'tranRef' => $answer->tran_ref ?? null,
        'previousTranRef' => $answer->previous_tran_ref ?? null,
        'type' => ($answer->tranType ?? null)?->name,
        'cartId' => $answer->cart_id ?? null,
        'description' => $answer->cart_description ?? null,
        'currency' => $answer->cart_currency ?? null,
        'amount' => $answer->cart_amount ?? null,
        'total' => $answer->tran_total ?? null,
        'profileId' => $answer->profileId ?? null,
        'status' => ($result->tranStatus ?? null)?->name,
        'code' => $result->response_code ?? $answer->getAsJson()->code ?? null,
        'successful' => $result?->isSuccessful(),
        'failed' => $result?->isFailed(),
        'card' => $answer->payment_info->payment_description ?? null,
        'customer' => $answer->customer_details->name ?? null,
        'token' => $answer->token ?? null,
    ];
}

function told(ResponseDirectInterface $response): array
{
    if ($response->isFailure()) {
        $failure = $response->getFailure();

        return [
            'kind' => 'failure',
            'processed' => $response->isProcessed(),
            'code' => $failure->code,
            'message' => $failure->message,
        ];
    }
    if ($response->isRedirect()) {
        $page = $response->getRedirect();

        return [
            'kind' => 'redirect',
            'tranRef' => $page->tran_ref,
            'type' => $page->tranType->name,
            'cartId' => $page->cart_id,
            'amount' => $page->cart_amount,
            'redirectUrl' => $page->redirect_url,
            'profileId' => $page->profileId,
        ];
    }
    $answer = $response->getPayloadMapped();
    if ($answer instanceof CompletedArray) {
        return ['kind' => 'rows', 'rows' => array_map('completed', $answer->transactions)];
    }

    return completed($answer);
}

// An unknown letter or type is an error then.
Answer::setStrictMode(true);

$asked = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$request = match ($asked['do']) {
    'page' => page($asked),
    'followUp' => followUp($asked),
    'charge' => charge($asked),
    'query' => RequestsFactory::createTransactionQuery(
        PayloadsFactory::createTransactionQuery()->buildTransactionRef($asked['tranRef'])
    ),
    'queryByCart' => RequestsFactory::createTransactionQuery(
        PayloadsFactory::createTransactionQuery()->buildCartId($asked['cartId'])
    ),
    'token' => RequestsFactory::createTokenQuery(PayloadsFactory::createToken()->buildToken($asked['token'])),
    'deleteToken' => RequestsFactory::createTokenDelete(
        PayloadsFactory::createToken()->buildToken($asked['token'])
    ),
};
$response = Paytabs::getInstance(SimulatorEndpoint::profile())->setRequest($request)->submit();
echo json_encode(told($response), JSON_THROW_ON_ERROR);
