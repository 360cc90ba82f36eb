<?php

declare(strict_types=1);

/* A merchant's server: lets the SDK judge what comes, as its users do, and writes down the verdict. */

require __DIR__.'/loader.php';

use NestCms\Outside\SimulatorEndpoint;
use Paytabs\Sdk\Response\Payload\Payloads\Paytabs as Answer;
use Paytabs\Sdk\Response\Responses\Webhook\TransactionResult\BrowserAsGet;
use Paytabs\Sdk\Response\Responses\Webhook\TransactionResult\BrowserAsPost;
use Paytabs\Sdk\Response\Responses\Webhook\TransactionResult\Callback;

// An unknown letter or type is an error then.
Answer::setStrictMode(true);

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

try {
    $result = match ([$_SERVER['REQUEST_METHOD'], $path]) {
        ['POST', '/callback'] => Callback::init(),
        ['POST', '/return'] => BrowserAsPost::init(),
        ['GET', '/return'] => BrowserAsGet::init(['shop']),
    };
    $genuine = $result->setProfile(SimulatorEndpoint::profile())->isGenuine();
    $verdict = ['path' => $path, 'genuine' => $genuine];
    if ($genuine) {
        // Not before: what is not genuine is not read.
        $result->getPayload()->getMapped();
        $verdict += [
            'tranRef' => $result->getTranRef(),
            'cartId' => $result->getCartId(),
            'status' => $result->getTranStatus()->name,
        ];
    }
} catch (Throwable $error) {
    $verdict = ['path' => $path, 'error' => $error->getMessage()];
}

file_put_contents(setting('VERDICTS'), json_encode($verdict)."\n", FILE_APPEND);
http_response_code(isset($verdict['error']) ? 500 : ($verdict['genuine'] ? 200 : 401));
