import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.ImagesApi;
import org.openapitools.client.api.UsersApi;
import org.openapitools.client.model.Confirmation;
import org.openapitools.client.model.Credentials;
import org.openapitools.client.model.Image;
import org.openapitools.client.model.MetadataDocument;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.Registration;
import org.openapitools.client.model.SignIn;

/** A user's way through the API with the client that openapi-generator makes for Java. */
public final class Journey {
  private static ApiClient client(String url) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    return client;
  }

  private static void register(String url, String email, String password) throws ApiException {
    new UsersApi(client(url)).registerUser(new Registration().email(email).password(password));
  }

  private static void use(String url, String email, String password, String code, File photo) throws Exception {
    ApiClient client = client(url);
    UsersApi users = new UsersApi(client);
    users.confirmUser(new Confirmation().email(email).code(code));
    SignIn signedIn = users.logIn(new Credentials().email(email).password(password));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + signedIn.getAccessToken()));
    ImagesApi images = new ImagesApi(client);
    Image uploaded = images.uploadImage(ImagesApi.APIUploadImageRequest.newBuilder()._file(photo).build());
    Image listed =
        images.listImages(ImagesApi.APIListImagesRequest.newBuilder().limit(10).build()).getItems().get(0);
    MetadataDocument document =
        images.getImageMetadata(
            ImagesApi.APIGetImageMetadataRequest.newBuilder().imageId(uploaded.getId()).build());
    images.deleteImage(uploaded.getId());
    ObjectMapper json = new ObjectMapper();
    Problem problem = null;
    try {
      images.getImage(uploaded.getId());
    } catch (ApiException error) {
      problem = json.readValue(error.getResponseBody(), Problem.class);
    }
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("status", signedIn.getStatus().getValue());
    seen.put("uploaded", uploaded.getId());
    seen.put("filename", uploaded.getFilename());
    seen.put("listed", listed.getId());
    seen.put("camera", document.getSummary().getCameraModel());
    seen.put("size", document.getImage().getSizeBytes());
    seen.put("afterwards", problem.getCode().getValue());
    System.out.println(json.writeValueAsString(seen));
  }

  public static void main(String[] texts) throws Exception {
    if (texts[0].equals("register")) {
      register(texts[1], texts[2], texts[3]);
    } else {
      use(texts[1], texts[2], texts[3], texts[4], new File(texts[5]));
    }
  }
}
